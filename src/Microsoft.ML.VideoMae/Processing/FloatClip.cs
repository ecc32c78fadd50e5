// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>What is known of frames that came as floats: their size and whether they are scaled to [0, 1].</summary>
internal readonly record struct FloatClip(int Count, int Height, int Width, float Min, float Max)
{
    /// <summary>Whether all values lie from 0 to 1, as the reference decides it.</summary>
    public bool IsUnitRange => Min >= 0 && Max <= 1;

    /// <summary>Checks the number of values, that all are finite, and finds their range.</summary>
    public static FloatClip Check(ReadOnlySpan<float> frames, int count, int height, int width)
    {
        long expected = (long)count * height * width * VideoFrames.Channels;
        if (frames.Length != expected)
        {
            throw new ArgumentException(
                $"{frames.Length} values were given for {count} frames of {width}x{height}; {expected} " +
                "are needed (count * height * width * 3).",
                nameof(frames));
        }

        float min = float.PositiveInfinity;
        float max = float.NegativeInfinity;
        foreach (float value in frames)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException($"The frames hold the value {value}; all must be finite.", nameof(frames));
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return new FloatClip(count, height, width, min, max);
    }

    /// <summary>The 8-bit frames that Pillow resizes in the reference: times 255 and truncated, or whole numbers as they are.</summary>
    public VideoFrames Quantise(ReadOnlySpan<float> frames)
    {
        var pixels = new byte[frames.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float value = IsUnitRange ? frames[i] * 255f : frames[i];
            if (!IsUnitRange && !(value is >= 0 and <= 255
                && Math.Abs(value - MathF.Truncate(value)) <= 1e-8f + 1e-5f * MathF.Truncate(value)))
            {
                throw new ArgumentException(
                    $"The frames hold the value {value}; to be resized they must be from 0 to 1, or whole numbers from 0 to 255.",
                    nameof(frames));
            }

            pixels[i] = (byte)value;
        }

        return new VideoFrames(pixels, Count, Height, Width);
    }
}

/// <summary>Rescaling and normalisation of one value, in the order and precision of the chosen back end.</summary>
internal static class FloatArithmetic
{
    public static float Apply(float value, int channel, VideoMaeImageProcessorOptions options)
    {
        bool numpy = options.Backend == ProcessorBackend.Pillow;
        if (options.DoRescale && options.DoNormalize && !numpy)
        {
            // torchvision folds rescaling into mean and standard deviation.
            float unscale = (float)(1 / options.RescaleFactor);
            return (value - (float)options.ImageMean[channel] * unscale) / ((float)options.ImageStd[channel] * unscale);
        }

        if (options.DoRescale)
            value = numpy ? (float)(value * options.RescaleFactor) : value * (float)options.RescaleFactor;
        return options.DoNormalize ? (value - (float)options.ImageMean[channel]) / (float)options.ImageStd[channel] : value;
    }
}
