// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>Reads samplers from the text that saved models store.</summary>
internal static class FrameSamplerText
{
    private const string Known = "uniform(frames) and uniform(frames,start)";

    public static FrameSampler Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith(')'))
            throw Bad(text, null);
        string[] arguments = text[(open + 1)..^1].Split(',');
        try
        {
            return (text[..open], arguments) switch
            {
                ("uniform", [var n]) => new UniformFrameSampler(Int(n)),
                ("uniform", [var n, "start"]) => new UniformFrameSampler(Int(n), SegmentPoint.Start),
                _ => throw Bad(text, null),
            };
        }
        catch (ArgumentException e)
        {
            throw Bad(text, e);
        }
    }

    private static int Int(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw new ArgumentException($"'{text}' is not a whole number.");

    private static FormatException Bad(string text, Exception? inner)
        => new($"'{text}' is not a frame sampler{(inner is null ? "" : " (" + inner.Message + ")")}. Known ones are {Known}.", inner);
}
