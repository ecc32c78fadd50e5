// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>The settings of RandAugment, in the notation of timm and the original VideoMAE: <c>rand-m7-n4-mstd0.5-inc1</c>.</summary>
/// <param name="Magnitude">How strong operations are, from 0 to 10 (<c>m</c>; default 10).</param>
/// <param name="Layers">How many operations are drawn, each of which is then done with probability 0.5 (<c>n</c>; default 2).</param>
/// <param name="MagnitudeStd">The standard deviation of the magnitude (<c>mstd</c>; default 0).</param>
/// <param name="Increasing">Whether all operations grow stronger with the magnitude (<c>inc</c>; default false).</param>
internal sealed record RandAugmentPolicy(double Magnitude, int Layers, double MagnitudeStd, bool Increasing)
{
    public const double MaxMagnitude = 10;

    /// <exception cref="FormatException">The text is not a policy; the message lists what is wrong.</exception>
    public static RandAugmentPolicy Parse(string text)
    {
        string[] parts = text.Split('-');
        var problems = new List<string>();
        if (parts[0] != "rand")
            problems.Add($"it starts with '{parts[0]}' instead of 'rand'");
        var policy = new RandAugmentPolicy(MaxMagnitude, 2, 0, false);
        foreach (string part in parts.AsSpan(1))
        {
            int digits = part.AsSpan().IndexOfAnyInRange('0', '9');
            string key = digits < 0 ? part : part[..digits];
            bool valid = double.TryParse(part.AsSpan(key.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double value);
            switch (key)
            {
                case "m" when valid && value <= MaxMagnitude:
                    policy = policy with { Magnitude = value };
                    break;
                case "n" when valid && value is >= 1 and <= 100 && value == Math.Floor(value):
                    policy = policy with { Layers = (int)value };
                    break;
                case "mstd" when valid:
                    policy = policy with { MagnitudeStd = value };
                    break;
                case "inc" when valid && value is 0 or 1:
                    policy = policy with { Increasing = value == 1 };
                    break;
                default:
                    problems.Add($"'{part}' is not one of m0 to m10, n1 to n100, mstd with a number, inc0 or inc1");
                    break;
            }
        }

        return problems.Count == 0 ? policy : throw new FormatException(
            $"'{text}' is not a RandAugment policy: {string.Join("; ", problems)}. An example is rand-m7-n4-mstd0.5-inc1.");
    }
}
