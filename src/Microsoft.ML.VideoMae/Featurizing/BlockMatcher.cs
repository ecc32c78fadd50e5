// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Finds how the blocks of one grey frame move to the next.</summary>
/// <remarks>
/// A block of 8x8 stands every 4 pixels. It is compared with every block of the next frame that is at most 4 pixels away and inside. The
/// best one has the least sum of absolute differences, where each pixel of displacement costs something. A parabola through that sum and
/// its neighbours refines the displacement below a pixel, and what it gains counts: else motion below half a pixel would not be seen.
/// All comparisons are of whole numbers, so every processor finds the same blocks.
/// </remarks>
internal sealed class BlockMatcher
{
    /// <summary>The side of a block in pixels.</summary>
    public const int Block = 8;

    /// <summary>The distance from block to block in pixels.</summary>
    public const int Step = 4;

    /// <summary>The largest displacement that is looked for, in pixels, across and down.</summary>
    public const int Reach = 4;

    /// <summary>The number of displacements that are looked for in each direction.</summary>
    public const int Side = (2 * Reach) + 1;

    /// <summary>The costs of a grey level: sums of absolute differences are whole numbers of levels from 0 to 255.</summary>
    public const int Fine = 16;

    /// <summary>How much lower the cost has to be where a block moves.</summary>
    public const int LeastGain = (int)(0.05 * 255 * Fine);

    /// <summary>The least texture of a block: 64 squares' sum, less the sum's square.</summary>
    public const int LeastVariance = (int)(2e-4 * 255 * 255 * Block * Block * Block * Block);

    private const double PixelCost = 0.02 * 255 * Fine;

    private static readonly int[] s_distanceCost = DistanceCosts();

    private readonly int _height;
    private readonly int _width;

    /// <param name="height">The height of the frames, at least 8.</param>
    /// <param name="width">The width of the frames, at least 8.</param>
    public BlockMatcher(int height, int width)
    {
        (_height, _width) = (height, width);
        (Rows, Columns) = (((height - Block) / Step) + 1, ((width - Block) / Step) + 1);
    }

    /// <summary>What each displacement costs, [Side, Side]: down from -Reach, and to the right from -Reach.</summary>
    public static ReadOnlySpan<int> DistanceCost => s_distanceCost;

    /// <summary>The number of blocks from top to bottom.</summary>
    public int Rows { get; }

    /// <summary>The number of blocks from left to right.</summary>
    public int Columns { get; }

    /// <summary>Finds the displacement of every block.</summary>
    /// <param name="from">The first frame, [height, width].</param>
    /// <param name="to">The frame after it, [height, width].</param>
    /// <param name="displacements">
    /// Where they go, [Rows, Columns]: pixels to the right and down; 0 for blocks without texture and those that gain too little by moving.
    /// </param>
    public void Match(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, Span<Vector2> displacements)
    {
        if (from.Length != _height * _width || to.Length != from.Length)
            throw new ArgumentException(
                $"Frames of {from.Length} and {to.Length} pixels were given; each needs {_height * _width}.", nameof(to));
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                Pixels block = Pixels.Load(from, ((row * _width) + column) * Step, _width);
                displacements[(row * Columns) + column] = HasTexture(block) ? Find(block, to, row * Step, column * Step) : Vector2.Zero;
            }
        }
    }

    // Compiled in full at once: the first clips would wait for code without optimisation.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector2 Find(in Pixels block, ReadOnlySpan<byte> to, int top, int left)
    {
        int still = block.DifferenceTo(to, (top * _width) + left, _width);
        if (still * Fine < LeastGain)
            return Vector2.Zero;
        Span<int> differences = stackalloc int[Side * Side];
        int up = -Math.Min(Reach, top), down = Math.Min(Reach, _height - Block - top);
        int first = -Math.Min(Reach, left), last = Math.Min(Reach, _width - Block - left);
        (int Cost, int X, int Y) best = (int.MaxValue, 0, 0);
        for (int y = up; y <= down; y++)
        {
            for (int x = first; x <= last; x++)
            {
                int place = Place(x, y);
                differences[place] = block.DifferenceTo(to, ((top + y) * _width) + left + x, _width);
                int cost = (differences[place] * Fine) + s_distanceCost[place];
                if (cost < best.Cost)
                    best = (cost, x, y);
            }
        }

        int centre = Place(best.X, best.Y);
        (float across, int gain) = best.X > first && best.X < last ? Refine(differences, centre, 1) : (0, 0);
        (float along, int more) = best.Y > up && best.Y < down ? Refine(differences, centre, Side) : (0, 0);
        return (still * Fine) - best.Cost + gain + more < LeastGain ? Vector2.Zero : new Vector2(best.X + across, best.Y + along);
    }

    private static int Place(int x, int y) => ((y + Reach) * Side) + x + Reach;

    /// <summary>
    /// Where between its neighbours a parabola through three sums is least, from -0.5 to 0.5, and how much lower it is there.
    /// </summary>
    private static (float Offset, int Gain) Refine(ReadOnlySpan<int> differences, int centre, int step)
    {
        int before = differences[centre - step], after = differences[centre + step];
        int curvature = before - (2 * differences[centre]) + after, slope = before - after;
        return curvature <= 0 ? (0, 0)
            : (Math.Clamp(0.5f * slope / curvature, -0.5f, 0.5f), (int)((long)Fine * slope * slope / (8L * curvature)));
    }

    private static bool HasTexture(in Pixels block)
    {
        (int sum, int squares) = block.Sums();
        return (squares * Block * Block) - (sum * sum) >= LeastVariance;
    }

    private static int[] DistanceCosts()
    {
        var costs = new int[Side * Side];
        for (int y = -Reach; y <= Reach; y++)
        {
            for (int x = -Reach; x <= Reach; x++)
                costs[Place(x, y)] = (int)Math.Round(PixelCost * Math.Sqrt((x * x) + (y * y)));
        }

        return costs;
    }

    /// <summary>The 64 pixels of a block, two rows in each vector.</summary>
    private readonly struct Pixels
    {
        private readonly Vector128<byte> _first, _second, _third, _fourth;

        private Pixels(ref byte start, nuint stride)
        {
            _first = TwoRows(ref start, 0, stride);
            _second = TwoRows(ref start, 2 * stride, stride);
            _third = TwoRows(ref start, 4 * stride, stride);
            _fourth = TwoRows(ref start, 6 * stride, stride);
        }

        public static Pixels Load(ReadOnlySpan<byte> frame, int start, int stride) =>
            new(ref MemoryMarshal.GetReference(frame.Slice(start, ((Block - 1) * stride) + Block)), (nuint)stride);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int DifferenceTo(ReadOnlySpan<byte> frame, int start, int stride)
        {
            ref byte other = ref MemoryMarshal.GetReference(frame.Slice(start, ((Block - 1) * stride) + Block));
            var step = (nuint)stride;
            Vector128<ulong> sums =
                Difference(_first, TwoRows(ref other, 0, step))
                + Difference(_second, TwoRows(ref other, 2 * step, step))
                + Difference(_third, TwoRows(ref other, 4 * step, step))
                + Difference(_fourth, TwoRows(ref other, 6 * step, step));
            return (int)(sums[0] + sums[1]); // At most 64 * 255.
        }

        /// <summary>The sum of the pixels, and that of their squares.</summary>
        public (int Sum, int Squares) Sums()
        {
            int sum = 0, squares = 0;
            foreach (Vector128<byte> rows in (ReadOnlySpan<Vector128<byte>>)[_first, _second, _third, _fourth])
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(rows);
                sum += Vector128.Sum(low + high);
                squares += (int)(Squares(low) + Squares(high));
            }

            return (sum, squares);
        }

        private static uint Squares(Vector128<ushort> values)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values * values); // 255 * 255 fits 16 bits.
            return Vector128.Sum(low + high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> TwoRows(ref byte start, nuint offset, nuint stride) =>
            Vector128.Create(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)),
                Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset + stride))).AsByte();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<ulong> Difference(Vector128<byte> one, Vector128<byte> other)
        {
            if (Sse2.IsSupported)
                return Sse2.SumAbsoluteDifferences(one, other).AsUInt64();
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Max(one, other) - Vector128.Min(one, other));
            return Vector128.CreateScalar((ulong)Vector128.Sum(low + high));
        }
    }
}
