// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Operations that move every pixel away from, or towards, a poorer version of its frame, as Pillow's ImageEnhance: factor 0 is the
/// poorer version, 1 the frame itself, more exaggerates.
/// </summary>
internal static class EnhanceOperations
{
    private const int Levels = 256;

    /// <summary>Against the frame in grey.</summary>
    public static void Color(MutableClip clip, float factor)
    {
        for (int t = 0; t < clip.Count; t++)
        {
            Span<byte> frame = clip.Frame(t);
            for (int i = 0; i + 2 < frame.Length; i += VideoFrames.Channels)
            {
                int grey = Luma(frame[i], frame[i + 1], frame[i + 2]);
                frame[i] = Blend(grey, frame[i], factor);
                frame[i + 1] = Blend(grey, frame[i + 1], factor);
                frame[i + 2] = Blend(grey, frame[i + 2], factor);
            }
        }
    }

    /// <summary>Against a frame that is its own mean grey all over.</summary>
    public static void Contrast(MutableClip clip, float factor)
    {
        for (int t = 0; t < clip.Count; t++)
        {
            Span<byte> frame = clip.Frame(t);
            long sum = 0;
            for (int i = 0; i + 2 < frame.Length; i += VideoFrames.Channels)
                sum += Luma(frame[i], frame[i + 1], frame[i + 2]);
            AgainstLevel(frame, (int)((double)sum / (clip.Height * clip.Width) + 0.5), factor);
        }
    }

    /// <summary>Against black.</summary>
    public static void Brightness(MutableClip clip, float factor)
    {
        for (int t = 0; t < clip.Count; t++)
            AgainstLevel(clip.Frame(t), 0, factor);
    }

    /// <summary>Against the frame smoothed over 3x3 pixels (weights 1, in the centre 5); its border is left as it is.</summary>
    public static void Sharpness(MutableClip clip, float factor)
    {
        int row = clip.Width * VideoFrames.Channels;
        for (int t = 0; t < clip.Count; t++)
        {
            ReadOnlySpan<byte> frame = clip.Frame(t);
            Span<byte> result = clip.Spare(t);
            frame.CopyTo(result);
            for (int y = 1; y < clip.Height - 1; y++)
            {
                ReadOnlySpan<byte> above = frame.Slice((y - 1) * row, row);
                ReadOnlySpan<byte> at = frame.Slice(y * row, row);
                ReadOnlySpan<byte> below = frame.Slice((y + 1) * row, row);
                Span<byte> to = result.Slice(y * row, row);
                for (int x = 3; x < row - 3; x++)
                {
                    int sum = above[x - 3] + above[x] + above[x + 3] + at[x - 3] + 5 * at[x] + at[x + 3] + below[x - 3] + below[x]
                        + below[x + 3];
                    to[x] = Blend((2 * sum + 13) / 26, at[x], factor);    // the mean of 13, rounded; ties don't occur
                }
            }
        }

        clip.Swap();
    }

    /// <summary>Pillow's blend of two levels: float32, truncated, clamped.</summary>
    internal static byte Blend(int from, int to, float factor)
    {
        if (factor == 0)
            return (byte)from;
        float value = from + factor * (to - from);
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }

    /// <summary>ITU-R 601 luma in Pillow's fixed point.</summary>
    internal static int Luma(int red, int green, int blue) => (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

    private static void AgainstLevel(Span<byte> frame, int level, float factor)
    {
        Span<byte> table = stackalloc byte[Levels];
        for (int i = 0; i < Levels; i++)
            table[i] = Blend(level, i, factor);
        LookupOperations.Apply(frame, table);
    }
}
