// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Along one axis: which source pixels an output pixel is made of, and with which fixed-point weights.</summary>
internal sealed class ResampleWeights
{
    /// <summary>Bits after the binary point of a weight, as in Pillow: 32 minus 8 of the pixel minus 2 of head room.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    public const int One = 1 << PrecisionBits;

    public const int Half = 1 << (PrecisionBits - 1);

    private ResampleWeights(int[] first, int[] count, int[] weights, int taps)
    {
        First = first;
        Count = count;
        Weights = weights;
        Taps = taps;
    }

    /// <summary>The first source pixel of every output pixel.</summary>
    public int[] First { get; }

    /// <summary>How many source pixels every output pixel has.</summary>
    public int[] Count { get; }

    /// <summary>[outputs, Taps], zero beyond an output's count.</summary>
    public int[] Weights { get; }

    /// <summary>The largest count.</summary>
    public int Taps { get; }

    public int Length => First.Length;

    /// <summary>The weights Pillow computes for [start, end) of an axis of <paramref name="sourceSize"/> pixels.</summary>
    /// <remarks>Pillow keeps the box in float32; so does this.</remarks>
    public static ResampleWeights Pillow(int sourceSize, float start, float end, int size, Resampling resampling) =>
        resampling == Resampling.Nearest || IsPlainCrop(start, end, size)
            ? Nearest(sourceSize, start, end, size)
            : Filtered(sourceSize, start, end, size, resampling);

    /// <summary>The outputs [first, first + count), last to first when mirrored.</summary>
    public ResampleWeights Slice(int first, int count, bool mirrored = false)
    {
        var firsts = new int[count];
        var counts = new int[count];
        int taps = 1;
        for (int i = 0; i < count; i++)
        {
            int from = mirrored ? first + count - 1 - i : first + i;
            firsts[i] = First[from];
            counts[i] = Count[from];
            taps = Math.Max(taps, Count[from]);
        }

        // Room is made for the widest output possible, which rarely occurs; kernels run over what is needed.
        var weights = new int[count * taps];
        for (int i = 0; i < count; i++)
        {
            int from = mirrored ? first + count - 1 - i : first + i;
            Weights.AsSpan(from * Taps, Count[from]).CopyTo(weights.AsSpan(i * taps));
        }

        return new ResampleWeights(firsts, counts, weights, taps);
    }

    /// <summary>The same weights for source pixels that lie <paramref name="offset"/> further on.</summary>
    public ResampleWeights Shift(int offset)
    {
        int[] first = [.. First];
        for (int i = 0; i < first.Length; i++)
            first[i] += offset;
        return new ResampleWeights(first, Count, Weights, Taps);
    }

    /// <summary>The source pixels [First, End) that all outputs together need.</summary>
    public (int First, int End) SourceRange()
    {
        int first = int.MaxValue;
        int end = 0;
        for (int i = 0; i < Length; i++)
        {
            first = Math.Min(first, First[i]);
            end = Math.Max(end, First[i] + Count[i]);
        }

        return (first, end);
    }

    // Weights of 1 and 0 would come out of every kernel; taking the pixel itself is the same and cheaper.
    private static bool IsPlainCrop(float start, float end, int size) => start == MathF.Floor(start) && end - start == size;

    private static ResampleWeights Nearest(int sourceSize, float start, float end, int size)
    {
        var first = new int[size];
        var count = new int[size];
        var weights = new int[size];
        double scale = (double)(end - start) / size;
        double at = start + scale * 0.5;
        for (int i = 0; i < size; i++, at += scale)
        {
            first[i] = Math.Min((int)at, sourceSize - 1);
            count[i] = 1;
            weights[i] = One;
        }

        return new ResampleWeights(first, count, weights, 1);
    }

    private static ResampleWeights Filtered(int sourceSize, float start, float end, int size, Resampling resampling)
    {
        double scale = (double)(end - start) / size;
        double filterScale = Math.Max(scale, 1);
        double support = ResampleKernel.Support(resampling) * filterScale;
        int taps = Math.Min((int)Math.Ceiling(support) * 2 + 1, sourceSize);
        var first = new int[size];
        var count = new int[size];
        var weights = new int[checked(size * taps)];
        var exact = new double[taps];
        for (int i = 0; i < size; i++)
        {
            double center = start + (i + 0.5) * scale;
            int from = Math.Max((int)(center - support + 0.5), 0);
            int n = Math.Min((int)(center + support + 0.5), sourceSize) - from;
            double sum = 0;
            for (int k = 0; k < n; k++)
                sum += exact[k] = ResampleKernel.Weight(resampling, (k + from - center + 0.5) * (1 / filterScale));
            for (int k = 0; k < n; k++)
                weights[i * taps + k] = ToFixed(sum != 0 ? exact[k] / sum : exact[k]);
            first[i] = from;
            count[i] = n;
        }

        return new ResampleWeights(first, count, weights, taps);
    }

    private static int ToFixed(double weight) => (int)((weight < 0 ? -0.5 : 0.5) + weight * One);
}

/// <summary>From a fixed-point sum, rounding already added, to 8 bits: Pillow's <c>clip8</c>.</summary>
internal static class FixedPoint
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.PrecisionBits, 0, 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Vector512<int> sum) =>
        Avx512F.ConvertToVector128ByteWithSaturation(
            Vector512.Max(sum >> ResampleWeights.PrecisionBits, Vector512<int>.Zero).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =>
        Vector128.Narrow(
            Vector128.Narrow(Clamp(a), Clamp(b)).AsUInt16(),
            Vector128.Narrow(Clamp(c), Clamp(d)).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Vector256<int> a, Vector256<int> b)
    {
        Vector256<short> pixels = Vector256.Narrow(Clamp(a), Clamp(b));
        return Vector128.Narrow(pixels.GetLower().AsUInt16(), pixels.GetUpper().AsUInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Clamp(Vector256<int> sum) =>
        Vector256.Min(Vector256.Max(sum >> ResampleWeights.PrecisionBits, Vector256<int>.Zero), Vector256.Create(255));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Clamp(Vector128<int> sum) =>
        Vector128.Min(Vector128.Max(sum >> ResampleWeights.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
}
