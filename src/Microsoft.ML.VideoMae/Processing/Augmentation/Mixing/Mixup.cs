// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Mixup (Zhang et al., 2017, arXiv:1710.09412) and cutmix (Yun et al., 2019, arXiv:1905.04899) of the clips of a batch, as timm and the
/// original VideoMAE do them: clip i is mixed with clip B - 1 - i, and so are their labels.
/// </summary>
/// <remarks>Instances are immutable and may be used from several threads at once, each with a <see cref="Random"/> of its own.</remarks>
internal sealed class Mixup
{
    private readonly MixupOptions _options;

    /// <summary>Makes a mixer.</summary>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">Settings are invalid; the message lists all problems.</exception>
    public Mixup(MixupOptions? options = null)
    {
        _options = options ?? new MixupOptions();
        _options.ThrowIfInvalid();
    }

    /// <summary>Mixes a batch in place and makes its labels.</summary>
    /// <param name="pixelValues">[<paramref name="count"/>, ..., <paramref name="height"/>, <paramref name="width"/>].</param>
    /// <param name="count">The number of clips. With an odd number the one in the middle stays as it is.</param>
    /// <param name="height">The height of the frames.</param>
    /// <param name="width">The width of the frames.</param>
    /// <param name="labels">The class of every clip of the batch.</param>
    /// <param name="numClasses">The number of classes.</param>
    /// <param name="labelSmoothing">The share of a label that is spread over all classes.</param>
    /// <param name="random">Decides.</param>
    /// <param name="rows">
    /// Which clips of a larger batch the pixel values are, in order, each with its partner; null where they are all.
    /// </param>
    /// <returns>[B, numClasses]: the share of every class, for every label.</returns>
    /// <exception cref="ArgumentException">Sizes don't fit each other, or a label is not below the number of classes.</exception>
    public float[] Apply(
        Span<float> pixelValues, int count, int height, int width, ReadOnlySpan<int> labels, int numClasses, double labelSmoothing,
        Random random, long[]? rows = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int labelled = rows?.Length ?? labels.Length;
        if (labelled != count || pixelValues.Length % ((long)count * height * width) != 0)
        {
            throw new ArgumentException(
                $"{pixelValues.Length} pixel values and {labelled} labels were given for {count} clips of {width}x{height}; "
                + "every clip needs a label and the same number of whole frames.");
        }

        MixupDraw[] draws = Draw(labels.Length, height, width, random);
        // Rows with their partners have the partners at the same distance from the other end, as the whole batch has.
        Mix(pixelValues, height, width, rows is null ? draws : Array.ConvertAll(rows, row => draws[row]));
        return Targets(labels, numClasses, draws, labelSmoothing);
    }

    /// <summary>Draws how every clip is mixed.</summary>
    internal MixupDraw[] Draw(int count, int height, int width, Random random)
    {
        var draws = new MixupDraw[count];
        for (int i = 0; i < count; i++)
        {
            draws[i] = _options.Mode switch
            {
                MixupMode.Batch when i > 0 => draws[0],
                MixupMode.Pair when i > count - 1 - i => draws[count - 1 - i],
                _ => DrawOne(height, width, random),
            };
        }

        return draws;
    }

    /// <summary>Mixes in place.</summary>
    internal static void Mix(Span<float> pixelValues, int height, int width, ReadOnlySpan<MixupDraw> draws)
    {
        int length = pixelValues.Length / draws.Length;
        for (int i = 0; i < draws.Length / 2; i++)
        {
            int j = draws.Length - 1 - i;
            MixPair(pixelValues.Slice(i * length, length), pixelValues.Slice(j * length, length), height, width, draws[i], draws[j]);
        }
    }

    /// <summary>The labels of mixed clips: lambda of the clip's own, the rest of its partner's, both smoothed.</summary>
    internal static float[] Targets(ReadOnlySpan<int> labels, int numClasses, ReadOnlySpan<MixupDraw> draws, double smoothing)
    {
        float off = (float)(smoothing / numClasses);
        float on = (float)(1 - smoothing + smoothing / numClasses);
        var targets = new float[checked(labels.Length * numClasses)];
        for (int i = 0; i < labels.Length; i++)
        {
            int own = labels[i];
            int other = labels[labels.Length - 1 - i];
            if ((uint)own >= (uint)numClasses)
                throw new ArgumentException($"Label {i} is {own}; labels must be from 0 to {numClasses - 1}.", nameof(labels));
            float lambda = (float)draws[i].Lambda;
            float rest = (float)(1 - draws[i].Lambda);
            for (int c = 0; c < numClasses; c++)
                targets[i * numClasses + c] = (c == own ? on : off) * lambda + (c == other ? on : off) * rest;
        }

        return targets;
    }

    private MixupDraw DrawOne(int height, int width, Random random)
    {
        if (!_options.IsActive || random.NextDouble() >= _options.Probability)
            return MixupDraw.None;
        bool cutmix = _options.UsesCutmix && (_options.MixupAlpha == 0 || random.NextDouble() < _options.SwitchProbability);
        double alpha = cutmix ? _options.EffectiveCutmixAlpha : _options.MixupAlpha;
        double lambda = random.Beta(alpha, alpha);
        if (!cutmix)
            return new MixupDraw(lambda, null);
        CropWindow box = _options.CutmixMinMax is { } shares
            ? CutmixBox.Draw(height, width, shares, random)
            : CutmixBox.Draw(height, width, lambda, random);
        return new MixupDraw(CutmixBox.Lambda(box, height, width), box);
    }

    private static void MixPair(Span<float> a, Span<float> b, int height, int width, MixupDraw drawA, MixupDraw drawB)
    {
        // Row by row, so that both originals are at hand and no copy of the batch is needed.
        int rows = a.Length / width;
        Span<float> oldA = new float[width];
        Span<float> oldB = new float[width];
        for (int row = 0; row < rows; row++)
        {
            Span<float> rowA = a.Slice(row * width, width);
            Span<float> rowB = b.Slice(row * width, width);
            rowA.CopyTo(oldA);
            rowB.CopyTo(oldB);
            MixRow(rowA, oldB, row % height, drawA);
            MixRow(rowB, oldA, row % height, drawB);
        }
    }

    private static void MixRow(Span<float> own, ReadOnlySpan<float> other, int y, MixupDraw draw)
    {
        if (draw.Box is { } box)
        {
            if (y >= box.Top && y < box.Top + box.Height)
                other.Slice(box.Left, box.Width).CopyTo(own.Slice(box.Left, box.Width));
        }
        else if (draw.Lambda != 1)
        {
            Blend(own, other, (float)draw.Lambda, (float)(1 - draw.Lambda));
        }
    }

    private static void Blend(Span<float> own, ReadOnlySpan<float> other, float lambda, float rest)
    {
        Span<Vector<float>> to = MemoryMarshal.Cast<float, Vector<float>>(own);
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(other);
        for (int i = 0; i < to.Length; i++)
            to[i] = to[i] * lambda + from[i] * rest;
        for (int i = to.Length * Vector<float>.Count; i < own.Length; i++)
            own[i] = own[i] * lambda + other[i] * rest;
    }
}
