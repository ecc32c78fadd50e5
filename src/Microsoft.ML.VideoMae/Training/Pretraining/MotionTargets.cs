// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// How far the cells of tokens move, [N, 2 c c] for c x c cells of 4x4 pixels a token: first to the right, then down, in 1/32 of the
/// frame's width for each frame, clamped to 3. Known for a clip, or found by block matching in what the model is shown.
/// </summary>
/// <param name="config">The model.</param>
/// <param name="processor">How bytes became pixel values.</param>
internal sealed class MotionTargets(VideoMaeConfig config, VideoMaeImageProcessor processor)
{
    /// <summary>Displacements are measured in this part of a frame's width.</summary>
    private const float UnitsPerWidth = 32;

    private const float Largest = 3;

    /// <summary>The frames that share a known displacement.</summary>
    private const int FramesPerCell = 4;

    private readonly int _height = config.ImageSize.Height, _width = config.ImageSize.Width;
    private readonly int _rows = config.ImageSize.Height / DisplacementHead.Cell, _columns = config.ImageSize.Width / DisplacementHead.Cell;

    /// <summary>The values of a clip.</summary>
    public int Length => config.NumPatches * DisplacementHead.Outputs(config);

    /// <summary>Why displacements of clips do not fit the model; null where they do, or there are none.</summary>
    /// <param name="clip">The known displacement of a clip, or null.</param>
    public string? Problem(float[]? clip)
    {
        if (clip is null)
            return Math.Min(_height, _width) >= BlockMatcher.Block ? null
                : $"The model takes frames of {_width}x{_height}; block matching needs {BlockMatcher.Block}x{BlockMatcher.Block} and more.";
        int length = config.NumFrames / FramesPerCell * _rows * _columns * 2;
        if (config.TubeletSize % FramesPerCell != 0)
            return $"tubelet_size is {config.TubeletSize}; known displacements are means of {FramesPerCell} frames: take a multiple.";
        return clip.Length == length ? null
            : $"A clip has {clip.Length} values of displacement, and {config.NumFrames} frames of {_width}x{_height} have {length}: " +
                "give displacements of the model's own frames.";
    }

    /// <summary>Writes the targets of a batch, [B, N, 2 c c].</summary>
    /// <param name="clips">The known displacement of each clip, <see cref="GeneratedClip.Displacement"/>, or null.</param>
    /// <param name="pixelValues">[B, T, C, H, W].</param>
    public float[] Of(IReadOnlyList<float[]?> clips, ArraySegment<float> pixelValues)
    {
        int length = pixelValues.Count / clips.Count;
        var targets = new float[clips.Count * Length];
        Parallel.For(0, clips.Count, i =>
        {
            float[] cells = clips[i] is float[] known ? OfKnown(known) : OfPixels(pixelValues.AsSpan(i * length, length));
            Write(cells, targets.AsSpan(i * Length, Length));
        });
        return targets;
    }

    /// <summary>The means over tubelets: [T / 4, rows, columns, 2] to [T', rows, columns, 2].</summary>
    private float[] OfKnown(float[] displacement)
    {
        int plane = _rows * _columns * 2, parts = config.TubeletSize / FramesPerCell;
        var cells = new float[config.NumTubelets * plane];
        for (int i = 0; i < cells.Length; i++)
        {
            for (int part = 0; part < parts; part++)
                cells[i] += displacement[((i / plane * parts) + part) * plane + (i % plane)] / parts;
        }

        return cells;
    }

    /// <summary>Block matching of neighbouring frames, averaged over a tubelet, [T', rows, columns, 2].</summary>
    private float[] OfPixels(ReadOnlySpan<float> pixelValues)
    {
        int frame = pixelValues.Length / config.NumFrames, plane = _rows * _columns * 2;
        var matcher = new BlockMatcher(_height, _width);
        var blocks = new Vector2[matcher.Rows * matcher.Columns];
        var cells = new float[config.NumTubelets * plane];
        byte[] current = Grey(pixelValues[..frame]);
        for (int t = 0; t + 1 < config.NumTubelets * config.TubeletSize; t++)
        {
            byte[] next = Grey(pixelValues.Slice((t + 1) * frame, frame));
            matcher.Match(current, next, blocks);
            current = next;
            // The last frame of a clip goes nowhere.
            int time = t / config.TubeletSize;
            int steps = time == config.NumTubelets - 1 && config.TubeletSize > 1 ? config.TubeletSize - 1 : config.TubeletSize;
            AddBlocks(matcher, blocks, cells.AsSpan(time * plane, plane), 1f / steps);
        }

        return cells;
    }

    /// <summary>A block of 8x8 pixels stands every 4 pixels: a cell has the mean of the blocks that cover it.</summary>
    private void AddBlocks(BlockMatcher matcher, Vector2[] blocks, Span<float> cells, float weight)
    {
        for (int row = 0; row < _rows; row++)
        {
            for (int column = 0; column < _columns; column++)
            {
                (Vector2 sum, int count) = (Vector2.Zero, 0);
                for (int y = Math.Max(0, row - 1); y <= Math.Min(row, matcher.Rows - 1); y++)
                {
                    for (int x = Math.Max(0, column - 1); x <= Math.Min(column, matcher.Columns - 1); x++, count++)
                        sum += blocks[y * matcher.Columns + x];
                }

                int at = (row * _columns + column) * 2;
                cells[at] += weight * sum.X / count;
                cells[at + 1] += weight * sum.Y / count;
            }
        }
    }

    /// <summary>Pixels of the frame, as parts of its width, in the order of tokens and of their cells.</summary>
    private void Write(float[] cells, Span<float> targets)
    {
        (int high, int wide) = (config.PatchSize.Height / DisplacementHead.Cell, config.PatchSize.Width / DisplacementHead.Cell);
        int outputs = DisplacementHead.Outputs(config), grid = config.PatchGrid.Width;
        for (int i = 0; i < cells.Length; i++)
        {
            int direction = i % 2, column = i / 2 % _columns, row = i / 2 / _columns % _rows, time = i / 2 / _columns / _rows;
            int token = (time * config.PatchGrid.Height + row / high) * grid + column / wide;
            int output = (direction * high + row % high) * wide + column % wide;
            targets[token * outputs + output] = Math.Clamp(cells[i] * UnitsPerWidth / _width, -Largest, Largest);
        }
    }

    /// <summary>[C, H, W] to grey bytes, [H, W].</summary>
    private byte[] Grey(ReadOnlySpan<float> frame)
    {
        byte[] colours = processor.ToBytes(frame); // [H, W, C]
        var grey = new byte[_height * _width];
        for (int i = 0; i < grey.Length; i++)
            grey[i] = (byte)((299 * colours[3 * i] + 587 * colours[3 * i + 1] + 114 * colours[3 * i + 2] + 500) / 1000);
        return grey;
    }
}
