// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>Reads samplers from the text that saved models store.</summary>
internal static class FrameSamplerText
{
    private const string Known = "uniform(frames), uniform(frames,start), dense(frames,stride,policy), sparse(frames,policy), " +
        "every(frames,step,policy) and fps(frames,rate,policy), where policy is repeat, wrap or error";

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
                ("dense", [var n, var stride, var policy]) => new DenseFrameSampler(Int(n), Int(stride), ShortClip.Parse(policy)),
                ("sparse", [var n, var policy]) => new SparseFrameSampler(Int(n), ShortClip.Parse(policy)),
                ("every", [var n, var step, var policy]) => new EveryNthFrameSampler(Int(n), Int(step), ShortClip.Parse(policy)),
                ("fps", [var n, var rate, var policy]) => new FixedRateFrameSampler(Int(n), Number(rate), ShortClip.Parse(policy)),
                _ => throw Bad(text, null),
            };
        }
        catch (ArgumentException e)
        {
            throw Bad(text, e);
        }
    }

    private static int Int(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new ArgumentException($"'{text}' is not a whole number.");

    private static double Number(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new ArgumentException($"'{text}' is not a number.");

    private static FormatException Bad(string text, Exception? inner)
        => new($"'{text}' is not a frame sampler{(inner is null ? "" : " (" + inner.Message + ")")}. Known ones are {Known}.", inner);
}
