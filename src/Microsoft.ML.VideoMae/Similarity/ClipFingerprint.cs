// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Featurizing;

namespace Microsoft.ML.VideoMae.Similarity;

/// <summary>What near duplicates are found by: small grey frames of a clip, and when they are shown.</summary>
internal sealed class ClipFingerprint
{
    /// <summary>The height and width of a frame in small.</summary>
    public const int Side = 32;

    /// <summary>The places of a row, and of a column, whose mean colours are compared.</summary>
    public const int ColourSide = 8;

    /// <summary>Pixels of a frame.</summary>
    public const int Pixels = Side * Side;

    /// <summary>Clips with no more frames than this are compared frame by frame.</summary>
    public const int MostFrames = 64;

    /// <summary>The longest side that frames are read with is of no use beyond this.</summary>
    public const int MaxShortSide = 64;

    /// <summary>A variance above this is no noise: everything moves.</summary>
    private const float MostNoise = 16;

    private const float NoiseWeight = 4;

    private const int RowLength = ColourSide * 2;

    /// <param name="frames">Grey frames, [times.Length, Side, Side].</param>
    /// <param name="times">When each is shown.</param>
    /// <param name="seconds">How long the clip is, in the same unit.</param>
    /// <param name="colours">The mean colours, [ColourSide, ColourSide, 2].</param>
    [JsonConstructor]
    public ClipFingerprint(byte[] frames, double[] times, double seconds, float[] colours)
    {
        (Frames, Times, Seconds, Colours) = (frames, times, seconds, colours);
        var mean = new float[Pixels];
        for (int i = 0; i < frames.Length; i++)
            mean[i % Pixels] += frames[i];
        Scene = PictureSignature.Normalised(mean);
        MirroredScene = Mirrored(Scene);
    }

    /// <summary>Grey frames, [Times.Length, Side, Side].</summary>
    public byte[] Frames { get; }

    /// <summary>When each is shown, in seconds, or in frames where the file does not say cheaply how long it is.</summary>
    public double[] Times { get; }

    /// <summary>How long the clip is, in the same unit.</summary>
    public double Seconds { get; }

    /// <summary>The mean blue and red difference (Cb and Cr) of places, [ColourSide, ColourSide, 2], in levels of 255.</summary>
    public float[] Colours { get; }

    /// <summary>The signature of the mean frame.</summary>
    [JsonIgnore]
    public float[] Scene { get; }

    /// <summary>That of its mirror image.</summary>
    [JsonIgnore]
    public float[] MirroredScene { get; }

    /// <summary>Makes one of the frames that <see cref="SpreadFrames"/> chose.</summary>
    public static ClipFingerprint Of(VideoFrames frames, SpreadFrames chosen, double seconds)
    {
        int[] distinct = [.. chosen.Chosen.Distinct()];
        var scaler = new AreaScaler(frames.Height, frames.Width, Side, Side);
        var grey = new float[Pixels];
        var small = new byte[distinct.Length * Pixels];
        for (int i = 0; i < distinct.Length; i++)
        {
            scaler.ScaleToGrey(frames.Frame(Array.IndexOf(chosen.Chosen, distinct[i])), grey);
            for (int p = 0; p < Pixels; p++)
                small[(i * Pixels) + p] = (byte)Math.Clamp(grey[p] + 0.5f, 0, 255);
        }

        // Without a length, all clips are taken to have the same frame rate.
        double perFrame = seconds > 0 ? seconds / chosen.Count : 1 / 25.0;
        return new ClipFingerprint(small, [.. distinct.Select(f => f * perFrame)], chosen.Count * perFrame, ColoursOf(frames));
    }

    /// <summary>The frames less the mean frame, [Times.Length, Side, Side]: what changes, in grey levels.</summary>
    /// <param name="energy">The mean square of what changes.</param>
    /// <param name="noiseEnergy">What noise adds to the sum of squares of a frame.</param>
    /// <remarks>
    /// Pixels count by how much they change beyond the noise of the encoding, which is that of the stillest ones. Else the noise of a still
    /// background, which is most of a picture, would hide that small motions are alike.
    /// </remarks>
    public float[] Changes(out double energy, out double noiseEnergy)
    {
        int count = Times.Length;
        var changes = new float[Frames.Length];
        TensorPrimitives.ConvertTruncating<byte, float>(Frames, changes);
        float[] mean = new float[Pixels], variance = new float[Pixels];
        for (int i = 0; i < count; i++)
            TensorPrimitives.Add(mean, changes.AsSpan(i * Pixels, Pixels), mean);
        TensorPrimitives.Divide(mean, count, mean);
        for (int i = 0; i < count; i++)
        {
            Span<float> frame = changes.AsSpan(i * Pixels, Pixels);
            TensorPrimitives.Subtract(frame, mean, frame);
            TensorPrimitives.MultiplyAdd(frame, frame, variance, variance);
        }

        TensorPrimitives.Divide(variance, count, variance);
        energy = variance.Average();
        float noise = Math.Min(MostNoise, variance.Order().ElementAt(Pixels / 4));
        float[] weights = [.. variance.Select(v => v == 0 ? 0 : v / (v + (NoiseWeight * noise)))];
        noiseEnergy = noise * TensorPrimitives.SumOfSquares<float>(weights);
        for (int i = 0; i < count; i++)
        {
            Span<float> frame = changes.AsSpan(i * Pixels, Pixels);
            TensorPrimitives.Multiply(frame, weights, frame);
        }

        return changes;
    }

    /// <summary>The same in a mirror.</summary>
    public ClipFingerprint Mirror()
    {
        var mirrored = (byte[])Frames.Clone();
        for (int row = 0; row < mirrored.Length; row += Side)
            mirrored.AsSpan(row, Side).Reverse();
        float[] colours = [.. Enumerable.Range(0, Colours.Length).Select(i =>
            Colours[(i / RowLength * RowLength) + RowLength - 2 - (i % RowLength / 2 * 2) + (i % 2)])];
        return new ClipFingerprint(mirrored, Times, Seconds, colours);
    }

    /// <summary>The largest difference of the colours of a place.</summary>
    public float ColourDistanceTo(ClipFingerprint other)
    {
        var difference = new float[Colours.Length];
        TensorPrimitives.Subtract(Colours, other.Colours, difference);
        return Math.Abs(TensorPrimitives.MaxMagnitude<float>(difference));
    }

    private static float[] ColoursOf(VideoFrames frames)
    {
        var sums = new double[ColourSide * ColourSide * VideoFrames.Channels];
        var counts = new int[ColourSide * ColourSide];
        for (int f = 0; f < frames.Count; f++)
        {
            ReadOnlySpan<byte> pixels = frames.Frame(f);
            for (int i = 0; i < pixels.Length; i += VideoFrames.Channels)
            {
                int y = i / VideoFrames.Channels / frames.Width, x = i / VideoFrames.Channels % frames.Width;
                int place = (y * ColourSide / frames.Height * ColourSide) + (x * ColourSide / frames.Width);
                counts[place]++;
                for (int c = 0; c < VideoFrames.Channels; c++)
                    sums[(place * VideoFrames.Channels) + c] += pixels[i + c];
            }
        }

        return [.. Enumerable.Range(0, counts.Length).SelectMany(place =>
        {
            double[] mean = [.. sums.AsSpan(place * VideoFrames.Channels, VideoFrames.Channels)];
            for (int c = 0; c < mean.Length; c++)
                mean[c] /= Math.Max(1, counts[place]);
            // As JPEG has them, ITU-R BT.601.
            return (float[])[
                (float)((-0.168736 * mean[0]) - (0.331264 * mean[1]) + (0.5 * mean[2])),
                (float)((0.5 * mean[0]) - (0.418688 * mean[1]) - (0.081312 * mean[2]))];
        })];
    }

    private static float[] Mirrored(float[] scene)
    {
        var mirrored = (float[])scene.Clone();
        for (int row = 0; row < mirrored.Length; row += Side)
            mirrored.AsSpan(row, Side).Reverse();
        return mirrored;
    }
}

/// <summary>Every frame of a short clip, and as many as are compared of a longer one; it remembers what it chose.</summary>
internal sealed class SpreadFrames() : FrameSampler(ClipFingerprint.MostFrames)
{
    private static readonly UniformFrameSampler s_uniform = new(ClipFingerprint.MostFrames);

    /// <summary>What was chosen last.</summary>
    public int[] Chosen { get; private set; } = [];

    /// <summary>The number of frames of that clip.</summary>
    public int Count { get; private set; }

    public override string ToString() => s_uniform.ToString();

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        (Chosen, Count) = (s_uniform.Sample(timeline), timeline.FrameCount);
        return Chosen;
    }
}
