// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Moves pixels about, as Pillow's <c>Image.transform</c>; what comes from outside the frame is grey.</summary>
internal static class AffineOperations
{
    /// <summary>The grey that fills what the frame does not cover.</summary>
    public const byte Fill = 128;

    public static void Apply(MutableClip clip, AffineMap map, Resampling resampling)
    {
        for (int t = 0; t < clip.Count; t++)
        {
            Span<byte> result = clip.Spare(t);
            ref byte source = ref MemoryMarshal.GetReference(clip.From(t));
            int i = 0;
            for (int y = 0; y < clip.Height; y++)
            {
                for (int x = 0; x < clip.Width; x++, i += VideoFrames.Channels)
                {
                    double atX = map.A * (x + 0.5) + map.B * (y + 0.5) + map.C;
                    double atY = map.D * (x + 0.5) + map.E * (y + 0.5) + map.F;
                    if (!(atX >= 0 && atX < clip.Width && atY >= 0 && atY < clip.Height))
                    {
                        result.Slice(i, VideoFrames.Channels).Fill(Fill);
                        continue;
                    }

                    Vector256<double> colour = resampling == Resampling.Bicubic
                        ? Bicubic(ref source, clip.Height, clip.Width, atX - 0.5, atY - 0.5)
                        : Bilinear(ref source, clip.Height, clip.Width, atX - 0.5, atY - 0.5);
                    colour = Vector256.Min(Vector256.Max(colour, Vector256<double>.Zero), Vector256.Create(255.0));
                    result[i] = (byte)colour[0];
                    result[i + 1] = (byte)colour[1];
                    result[i + 2] = (byte)colour[2];
                }
            }
        }

        clip.Swap();
    }

    private static Vector256<double> Bilinear(ref byte source, int height, int width, double x, double y)
    {
        int left = (int)Math.Floor(x);
        int top = (int)Math.Floor(y);
        var dx = Vector256.Create(x - left);
        int x0 = Math.Max(left, 0);
        int x1 = Math.Min(left + 1, width - 1);
        Vector256<double> upper = Row(ref source, Math.Max(top, 0));
        Vector256<double> lower = top + 1 < height ? Row(ref source, top + 1) : upper;
        return upper + (lower - upper) * Vector256.Create(y - top);

        Vector256<double> Row(ref byte from, int row)
        {
            Vector256<double> a = Pixel(ref from, row * width + x0);
            return a + (Pixel(ref from, row * width + x1) - a) * dx;
        }
    }

    private static Vector256<double> Bicubic(ref byte source, int height, int width, double x, double y)
    {
        int left = (int)Math.Floor(x);
        int top = (int)Math.Floor(y);
        var dx = Vector256.Create(x - left);
        int x0 = Math.Max(left - 1, 0);
        int x1 = Math.Max(left, 0);
        int x2 = Math.Min(left + 1, width - 1);
        int x3 = Math.Min(left + 2, width - 1);
        Vector256<double> first = Row(ref source, Math.Max(top - 1, 0));
        Vector256<double> second = top >= 0 ? Row(ref source, top) : first;
        Vector256<double> third = top + 1 < height ? Row(ref source, top + 1) : second;
        Vector256<double> fourth = top + 2 < height ? Row(ref source, top + 2) : third;
        return Cubic(first, second, third, fourth, Vector256.Create(y - top));

        Vector256<double> Row(ref byte from, int row) => Cubic(
            Pixel(ref from, row * width + x0), Pixel(ref from, row * width + x1),
            Pixel(ref from, row * width + x2), Pixel(ref from, row * width + x3), dx);
    }

    // Cubic convolution with a = -1, in the order of operations of Pillow's BICUBIC macro. (Its resize has a = -0.5.)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Cubic(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d,
        Vector256<double> at)
    {
        Vector256<double> p2 = c - a;
        Vector256<double> p3 = (a - b) * 2 + c - d;
        Vector256<double> p4 = b - a - c + d;
        return b + at * (p2 + at * (p3 + at * p4));
    }

    // Red, green, blue, and a byte of the next pixel that nobody looks at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Pixel(ref byte source, int index)
    {
        uint packed = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, index * VideoFrames.Channels));
        if (!Avx.IsSupported)
            return Vector256.Create((double)(byte)packed, (byte)(packed >> 8), (byte)(packed >> 16), 0);
        Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(packed).AsByte());
        return Avx.ConvertToVector256Double(Vector128.WidenLower(wide).AsInt32());
    }
}

/// <summary>From a pixel of the result to its place in the source: x' = A x + B y + C, y' = D x + E y + F.</summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    public static AffineMap ShearX(double factor) => new(1, factor, 0, 0, 1, 0);

    public static AffineMap ShearY(double factor) => new(1, 0, 0, factor, 1, 0);

    public static AffineMap Translate(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Counter-clockwise about the centre.</summary>
    public static AffineMap Rotate(double degrees, int height, int width)
    {
        double angle = -degrees * (Math.PI / 180);
        double cos = Math.Round(Math.Cos(angle), 15);
        double sin = Math.Round(Math.Sin(angle), 15);
        double x = width / 2.0;
        double y = height / 2.0;
        return new AffineMap(cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y);
    }
}
