// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;

namespace Microsoft.ML.VideoMae.Similarity;

/// <summary>
/// Compares two clips at the detail of the poorer one: a coarse or a small encoding is a blurred copy of a fine one.
/// </summary>
/// <remarks>
/// What changes in one clip is explained by what changes in the other, as it is and blurred twice (least squares). A copy is explained but
/// for the noise of its encoding. Another moment of the same motion is not, however it is blurred.
/// </remarks>
internal static class MatchedDetail
{
    private const int Side = ClipFingerprint.Side;
    private const int Pixels = ClipFingerprint.Pixels;
    private const float NoiseWeight = 4;
    private const float MostNoise = 16;

    /// <summary>How well the better direction explains a clip: the root of the share of what changes, 1 at most.</summary>
    /// <param name="first">The first clip.</param>
    /// <param name="second">The second clip; its mirror image where that is compared.</param>
    /// <param name="a">Frames of the first.</param>
    /// <param name="b">Frames of the second that are shown at the same times, as many.</param>
    public static double Similarity(ClipFingerprint first, ClipFingerprint second, ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        float[] one = Changes(first, a), other = Changes(second, b), weights = Weights(one, other);
        float[][] ones = AtAllDetails(one, weights), others = AtAllDetails(other, weights);
        double explained = Math.Max(Explained(ones[0], others), Explained(others[0], ones));
        return Math.Sqrt(Math.Clamp(explained, 0, 1));
    }

    /// <summary>Frames less their mean, [frames.Length, Side, Side].</summary>
    private static float[] Changes(ClipFingerprint clip, ReadOnlySpan<int> frames)
    {
        var changes = new float[frames.Length * Pixels];
        var mean = new float[Pixels];
        for (int i = 0; i < frames.Length; i++)
        {
            Span<float> frame = changes.AsSpan(i * Pixels, Pixels);
            TensorPrimitives.ConvertTruncating<byte, float>(clip.Frames.AsSpan(frames[i] * Pixels, Pixels), frame);
            TensorPrimitives.Add(mean, frame, mean);
        }

        TensorPrimitives.Divide(mean, frames.Length, mean);
        for (int i = 0; i < frames.Length; i++)
        {
            Span<float> frame = changes.AsSpan(i * Pixels, Pixels);
            TensorPrimitives.Subtract(frame, mean, frame);
        }

        return changes;
    }

    /// <summary>A pixel counts by how much it changes in either clip beyond the noise of the noisier one.</summary>
    private static float[] Weights(float[] one, float[] other)
    {
        float[] a = Variances(one), b = Variances(other);
        float noise = Math.Max(Noise(a), Noise(b));
        return [.. a.Zip(b, Math.Max).Select(v => v == 0 ? 0 : v / (v + (NoiseWeight * noise)))];
    }

    private static float Noise(float[] variances) => Math.Min(MostNoise, variances.Order().ElementAt(Pixels / 4));

    private static float[] Variances(float[] changes)
    {
        var variances = new float[Pixels];
        for (int i = 0; i < changes.Length; i += Pixels)
        {
            ReadOnlySpan<float> frame = changes.AsSpan(i, Pixels);
            TensorPrimitives.MultiplyAdd(frame, frame, variances, variances);
        }

        TensorPrimitives.Divide(variances, changes.Length / Pixels, variances);
        return variances;
    }

    /// <summary>What changes as it is, blurred, and blurred three times; each weighted.</summary>
    private static float[][] AtAllDetails(float[] changes, float[] weights)
    {
        float[] blurred = Blurred(changes);
        float[][] all = [changes, blurred, Blurred(Blurred(blurred))];
        foreach (float[] each in all)
        {
            for (int i = 0; i < each.Length; i += Pixels)
                TensorPrimitives.Multiply(each.AsSpan(i, Pixels), weights, each.AsSpan(i, Pixels));
        }

        return all;
    }

    /// <summary>A quarter, a half and a quarter of neighbours, along rows and columns.</summary>
    private static float[] Blurred(float[] changes)
    {
        var blurred = new float[changes.Length];
        var rows = new float[Pixels];
        for (int f = 0; f < changes.Length; f += Pixels)
        {
            ReadOnlySpan<float> from = changes.AsSpan(f, Pixels);
            for (int p = 0; p < Pixels; p++)
            {
                int x = p % Side;
                rows[p] = (0.25f * from[p - (x > 0 ? 1 : 0)]) + (0.5f * from[p]) + (0.25f * from[p + (x < Side - 1 ? 1 : 0)]);
            }

            for (int p = 0; p < Pixels; p++)
            {
                blurred[f + p] = (0.25f * rows[p < Side ? p : p - Side]) + (0.5f * rows[p])
                    + (0.25f * rows[p + Side < Pixels ? p + Side : p]);
            }
        }

        return blurred;
    }

    /// <summary>The share of the sum of squares of one that a sum of the others, each times a number, explains.</summary>
    private static double Explained(float[] wanted, float[][] by)
    {
        int n = by.Length;
        var m = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                m[i, j] = TensorPrimitives.Dot<float>(by[i], by[j]) * (i == j ? 1 + 1e-6 : 1);
            m[i, n] = TensorPrimitives.Dot<float>(by[i], wanted);
        }

        double[] right = [.. Enumerable.Range(0, n).Select(i => m[i, n])];
        for (int i = 0; i < n; i++)     // Gauss; the diagonal is larger than nothing
        {
            for (int row = 0; row < n; row++)
            {
                double factor = row == i || m[i, i] <= 0 ? 0 : m[row, i] / m[i, i];
                for (int column = i; column <= n; column++)
                    m[row, column] -= factor * m[i, column];
            }
        }

        double total = TensorPrimitives.Dot<float>(wanted, wanted);
        double sum = Enumerable.Range(0, n).Sum(i => m[i, i] <= 0 ? 0 : m[i, n] / m[i, i] * right[i]);
        return total <= 0 ? 0 : sum / total;
    }
}
