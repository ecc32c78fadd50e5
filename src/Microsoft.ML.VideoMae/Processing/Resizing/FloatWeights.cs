// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Along one axis: which source pixels an output pixel is made of, and with which float32 weights (ATen's antialiased kernels).
/// </summary>
internal sealed class FloatWeights
{
    private readonly float[] _weights;
    private readonly int[] _count;
    private readonly int _taps;

    private FloatWeights(int size, int taps)
    {
        First = new int[size];
        _count = new int[size];
        _weights = new float[checked(size * taps)];
        _taps = taps;
    }

    /// <summary>The first source pixel of every output pixel.</summary>
    public int[] First { get; }

    public ReadOnlySpan<float> Of(int output) => _weights.AsSpan(output * _taps, _count[output]);

    public int End(int output) => First[output] + _count[output];

    /// <summary>The weights for a whole axis. Nearest is torchvision's nearest-exact, which is what the processors ask for.</summary>
    public static FloatWeights Torchvision(int sourceSize, int size, Resampling resampling)
    {
        float scale = (float)sourceSize / size;
        if (resampling == Resampling.Nearest || sourceSize == size)
            return Nearest(sourceSize, size, scale);

        float support = (float)(ResampleKernel.Support(resampling) * Math.Max(scale, 1f));
        float inverse = scale >= 1f ? 1f / scale : 1f;
        var weights = new FloatWeights(size, Math.Min((int)Math.Ceiling(support) * 2 + 1, sourceSize));
        for (int i = 0; i < size; i++)
        {
            float center = (float)(scale * (i + 0.5));
            int first = Math.Max((int)(center - support + 0.5), 0);
            int count = Math.Min((int)(center + support + 0.5), sourceSize) - first;
            Span<float> row = weights._weights.AsSpan(i * weights._taps, count);
            float total = 0;
            for (int k = 0; k < count; k++)
                total += row[k] = (float)ResampleKernel.Weight(resampling, (float)((k + first - center + 0.5) * inverse));
            for (int k = 0; k < count && total != 0; k++)
                row[k] /= total;
            weights.First[i] = first;
            weights._count[i] = count;
        }

        return weights;
    }

    private static FloatWeights Nearest(int sourceSize, int size, float scale)
    {
        var weights = new FloatWeights(size, 1);
        for (int i = 0; i < size; i++)
        {
            weights.First[i] = Math.Min((int)MathF.Floor((float)((i + 0.5) * scale)), sourceSize - 1);
            weights._count[i] = 1;
            weights._weights[i] = 1;
        }

        return weights;
    }
}

/// <summary>The filter functions of Pillow's <c>Resample.c</c>, and half their width in source pixels.</summary>
internal static class ResampleKernel
{
    public static double Support(Resampling resampling) => resampling switch
    {
        Resampling.Bilinear => 1,
        Resampling.Bicubic => 2,
        Resampling.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Nearest has no kernel."),
    };

    public static double Weight(Resampling resampling, double x) => resampling switch
    {
        Resampling.Bilinear => Triangle(Math.Abs(x)),
        Resampling.Bicubic => Cubic(Math.Abs(x)),
        Resampling.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Nearest has no kernel."),
    };

    private static double Triangle(double x) => x < 1 ? 1 - x : 0;

    private static double Cubic(double x)
    {
        const double A = -0.5;
        if (x < 1)
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0)
            return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
