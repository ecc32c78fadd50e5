// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Operations that replace every level by another, as Pillow's ImageOps: per frame and channel where they look at the histogram.
/// </summary>
internal static class LookupOperations
{
    private const int Levels = 256;

    /// <summary>Stretches each channel of each frame to the full range.</summary>
    public static void AutoContrast(MutableClip clip) => ByHistogram(clip, static (histogram, table) =>
    {
        int low = 0;
        int high = Levels - 1;
        while (low < Levels && histogram[low] == 0)
            low++;
        while (high > 0 && histogram[high] == 0)
            high--;
        double scale = high > low ? 255.0 / (high - low) : 1;
        double offset = high > low ? -low * scale : 0;
        for (int i = 0; i < Levels; i++)
            table[i] = (byte)Math.Clamp((int)(i * scale + offset), 0, 255);
    });

    /// <summary>Spreads the levels of each channel of each frame so that all occur about equally often.</summary>
    public static void Equalize(MutableClip clip) => ByHistogram(clip, static (histogram, table) =>
    {
        int used = 0;
        int last = 0;
        int total = 0;
        foreach (int count in histogram)
        {
            used += count > 0 ? 1 : 0;
            last = count > 0 ? count : last;
            total += count;
        }

        int step = (total - last) / 255;
        int sum = step / 2;
        for (int i = 0; i < Levels; i++)
        {
            table[i] = used <= 1 || step == 0 ? (byte)i : (byte)Math.Min(sum / step, 255);
            sum += histogram[i];
        }
    });

    public static void Invert(MutableClip clip) => ByLevel(clip, static i => 255 - i);

    /// <summary>Keeps the highest bits, from 0 to 8.</summary>
    public static void Posterize(MutableClip clip, int bits) => ByLevel(clip, i => bits >= 8 ? i : i & ~((1 << (8 - bits)) - 1));

    /// <summary>Inverts levels from a threshold on.</summary>
    public static void Solarize(MutableClip clip, int threshold) => ByLevel(clip, i => i < threshold ? i : 255 - i);

    /// <summary>Adds to the darker half of the levels.</summary>
    public static void SolarizeAdd(MutableClip clip, int add) => ByLevel(clip, i => i < 128 ? Math.Min(255, i + add) : i);

    /// <summary>Replaces the levels of a frame by a table for all channels.</summary>
    public static void Apply(Span<byte> frame, ReadOnlySpan<byte> table)
    {
        table = table[..Levels];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = table[frame[i]];
    }

    private static void ByLevel(MutableClip clip, Func<int, int> level)
    {
        Span<byte> table = stackalloc byte[Levels];
        for (int i = 0; i < Levels; i++)
            table[i] = (byte)level(i);
        for (int t = 0; t < clip.Count; t++)
            Apply(clip.Frame(t), table);
    }

    private static void ByHistogram(MutableClip clip, Action<int[], byte[]> fill)
    {
        var histogram = new int[Levels];
        var table = new byte[Levels];
        for (int t = 0; t < clip.Count; t++)
        {
            Span<byte> frame = clip.Frame(t);
            for (int c = 0; c < VideoFrames.Channels; c++)
            {
                Array.Clear(histogram);
                for (int i = c; i < frame.Length; i += VideoFrames.Channels)
                    histogram[frame[i]]++;
                fill(histogram, table);
                for (int i = c; i < frame.Length; i += VideoFrames.Channels)
                    frame[i] = table[frame[i]];
            }
        }
    }
}
