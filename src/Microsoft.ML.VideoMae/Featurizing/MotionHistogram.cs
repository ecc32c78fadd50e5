// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Gathers how blocks move into the numbers that describe a clip: histograms of optical flow (Laptev et al., 2008).</summary>
/// <remarks>
/// <code>
/// for each half of the clip (162 numbers):
///   for each of 3 rows of 4 cells (13 numbers), means over pairs of frames and blocks:
///     8   lengths by direction: right, right and down, down, ... right and up; each shared between the two nearest directions
///     2   pixels to the right, pixels down
///     3   length, squared length, share of blocks that move
///   6     for the whole frame: mean, mean size and deviation over the pairs, of growth and of rotation about the centre
/// </code>
/// Each number x becomes sign(x) * sqrt(|x|), which brings large and small motion closer together.
/// </remarks>
internal sealed class MotionHistogram
{
    /// <summary>The number of values that describe a clip.</summary>
    public const int Length = Halves * HalfLength;

    /// <summary>The least height of a frame: a block for each row of cells.</summary>
    public const int LeastHeight = CellRows * BlockMatcher.Block;

    /// <summary>The least width of a frame: a block for each column of cells.</summary>
    public const int LeastWidth = CellColumns * BlockMatcher.Block;

    /// <summary>The number of parts in time.</summary>
    public const int Halves = 2;

    /// <summary>The number of directions that are told apart.</summary>
    public const int Directions = 8;

    /// <summary>The number of parts in space.</summary>
    public const int Cells = CellColumns * CellRows;

    private const int CellColumns = 4;
    private const int CellRows = 3;
    private const int CellLength = Directions + 5;
    private const int HalfLength = (Cells * CellLength) + 6;

    private readonly int _columns;
    private readonly int[] _cells;
    private readonly int[] _blocksOfCell = new int[Cells];
    private readonly Vector2[] _fromCentre;
    private readonly float _spread;
    private readonly double[] _sums = new double[Length];
    private readonly int[] _pairs = new int[Halves];

    /// <param name="matcher">What finds the motion.</param>
    /// <param name="height">The height of the frames.</param>
    /// <param name="width">The width of the frames.</param>
    public MotionHistogram(BlockMatcher matcher, int height, int width)
    {
        _columns = matcher.Columns;
        _cells = new int[matcher.Rows * matcher.Columns];
        _fromCentre = new Vector2[_cells.Length];
        for (int i = 0; i < _cells.Length; i++)
        {
            int x = (i % _columns * BlockMatcher.Step) + (BlockMatcher.Block / 2),
                y = (i / _columns * BlockMatcher.Step) + (BlockMatcher.Block / 2);
            _cells[i] = (y * CellRows / height * CellColumns) + (x * CellColumns / width);
            _blocksOfCell[_cells[i]]++;
            // A block at the border can't be found again outside of the frame: it would say that nothing grows.
            bool isInner = i % _columns > 0 && i % _columns < _columns - 1 && i / _columns > 0 && i / _columns < matcher.Rows - 1;
            _fromCentre[i] = isInner ? new Vector2(x - (width / 2f), y - (height / 2f)) : Vector2.Zero;
            _spread += _fromCentre[i].LengthSquared();
        }
    }

    /// <summary>The cell of each block.</summary>
    public ReadOnlySpan<int> CellOfBlock => _cells;

    /// <summary>The number of blocks in each cell.</summary>
    public ReadOnlySpan<int> BlocksOfCell => _blocksOfCell;

    /// <summary>Pixels from the centre of the frame to that of each block; 0 for blocks at the border.</summary>
    public ReadOnlySpan<Vector2> FromCentre => _fromCentre;

    /// <summary>The sum of their squared lengths.</summary>
    public float Spread => _spread;

    /// <summary>Adds the motion between two frames.</summary>
    /// <param name="displacements">Pixels to the right and down, for every block.</param>
    /// <param name="half">0 for the first half of the clip, 1 for the second.</param>
    public void Add(ReadOnlySpan<Vector2> displacements, int half)
    {
        Span<double> sums = _sums.AsSpan(half * HalfLength, HalfLength);
        _pairs[half]++;
        for (int i = 0; i < displacements.Length; i++)
        {
            if (displacements[i] != Vector2.Zero)
                AddBlock(displacements[i], sums.Slice(_cells[i] * CellLength, CellLength));
        }

        (float growth, float rotation) = AboutCentre(displacements);
        Span<double> whole = sums[^6..];
        AddOverTime(growth, whole[..3]);
        AddOverTime(rotation, whole[3..]);
    }

    /// <summary>
    /// How much larger everything becomes from one frame to the next, as a share, and how far it turns clockwise, in radians.
    /// </summary>
    /// <remarks>The least squares over all blocks but those at the border; blocks that do not move count as such.</remarks>
    public (float Growth, float Rotation) AboutCentre(ReadOnlySpan<Vector2> displacements)
    {
        float growth = 0, rotation = 0;
        for (int i = 0; i < displacements.Length; i++)
        {
            (Vector2 place, Vector2 moved) = (_fromCentre[i], displacements[i]);
            growth += Vector2.Dot(place, moved);
            rotation += (place.X * moved.Y) - (place.Y * moved.X);
        }

        return _spread == 0 ? (0, 0) : (growth / _spread, rotation / _spread);
    }

    /// <summary>Writes the numbers; a half without pairs of frames has zeros.</summary>
    public void Write(Span<float> values)
    {
        for (int half = 0; half < Halves; half++)
        {
            int pairs = Math.Max(1, _pairs[half]), first = half * HalfLength;
            for (int i = 0; i < Cells * CellLength; i++)
                values[first + i] = Root(_sums[first + i] / pairs / _blocksOfCell[i / CellLength]);
            for (int i = Cells * CellLength; i < HalfLength; i += 3)
            {
                double mean = _sums[first + i] / pairs;
                values[first + i] = Root(mean);
                values[first + i + 1] = Root(_sums[first + i + 1] / pairs);
                values[first + i + 2] = Root(Math.Sqrt(Math.Max(0, (_sums[first + i + 2] / pairs) - (mean * mean))));
            }
        }
    }

    private static void AddBlock(Vector2 moved, Span<double> cell)
    {
        float length = moved.Length(), angle = MathF.Atan2(moved.Y, moved.X) * (Directions / MathF.Tau);
        if (angle < 0)
            angle += Directions;
        int direction = (int)angle;
        float beyond = angle - direction;
        cell[direction % Directions] += length * (1 - beyond);
        cell[(direction + 1) % Directions] += length * beyond;
        cell[Directions] += moved.X;
        cell[Directions + 1] += moved.Y;
        cell[Directions + 2] += length;
        cell[Directions + 3] += length * length;
        cell[Directions + 4]++;
    }

    private static void AddOverTime(float value, Span<double> sums)
    {
        sums[0] += value;
        sums[1] += Math.Abs(value);
        sums[2] += (double)value * value;
    }

    private static float Root(double value) => (float)(Math.Sign(value) * Math.Sqrt(Math.Abs(value)));
}
