// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Tests.Generated;

/// <summary>Finds displacements from pixels alone, and compares them with what a generated clip says.</summary>
internal static class BlockMatching
{
    private const int Cell = GeneratedVideos.CellSize;
    private const int Block = 8;
    private const int Reach = 8;
    private const double LeastContrast = 30;
    private const double LargestResidue = 8;

    /// <summary>
    /// Known and matched displacements of blocks in the middle of the clip. Left out are blocks without contrast, those that
    /// are not found again, and those at a moving outline: there, the cells of a block say different things.
    /// </summary>
    public static IEnumerable<(float Known, float Matched)> Compare(GeneratedClip clip)
    {
        int side = clip.Frames.Width, cells = side / Cell, time = clip.Frames.Count / Cell / 2, frame = time * Cell;
        float[] flow = clip.Displacement.ToArray();
        for (int top = Reach; top + Block + Reach <= side; top += Block)
        {
            for (int left = Reach; left + Block + Reach <= side; left += Block)
            {
                (float x, float y)[] known = [At(0, 0), At(0, 1), At(1, 0), At(1, 1)];
                if (Spread(known) > 0.1f || Contrast(clip.Frames, frame, left, top) < LeastContrast)
                    continue;
                // Over the four frames of a cell, so that whole pixels are steps of a quarter.
                (int dx, int dy, double residue) = Best(clip.Frames, frame, frame + Cell - 1, left, top);
                if (Math.Abs(dx) == Reach || Math.Abs(dy) == Reach || residue > LargestResidue)
                    continue; // It may have left the range, or is hidden.
                yield return (known[0].x, dx / (Cell - 1f));
                yield return (known[0].y, dy / (Cell - 1f));

                (float x, float y) At(int row, int column)
                {
                    int i = ((time * cells + top / Cell + row) * cells + left / Cell + column) * 2;
                    return (flow[i], flow[i + 1]);
                }
            }
        }
    }

    private static float Spread((float X, float Y)[] values)
    {
        float spread = 0;
        foreach ((float x, float y) in values)
            spread = Math.Max(spread, Math.Max(Math.Abs(x - values[0].X), Math.Abs(y - values[0].Y)));
        return spread;
    }

    /// <summary>The lesser eigenvalue of the structure tensor: a stripe, in any direction, cannot tell how it moves along itself.</summary>
    private static double Contrast(VideoFrames frames, int frame, int left, int top)
    {
        double xx = 0, xy = 0, yy = 0;
        for (int y = top; y < top + Block; y++)
        {
            for (int x = left; x < left + Block; x++)
            {
                double across = Grey(frames, frame, x + 1, y) - Grey(frames, frame, x, y),
                    down = Grey(frames, frame, x, y + 1) - Grey(frames, frame, x, y);
                (xx, xy, yy) = (xx + across * across, xy + across * down, yy + down * down);
            }
        }

        return ((xx + yy) / 2 - Math.Sqrt((xx - yy) * (xx - yy) / 4 + xy * xy)) / (Block * Block);
    }

    private static (int X, int Y, double Residue) Best(VideoFrames frames, int from, int to, int left, int top)
    {
        (int X, int Y) best = (0, 0);
        double least = double.MaxValue;
        for (int dy = -Reach; dy <= Reach; dy++)
        {
            for (int dx = -Reach; dx <= Reach; dx++)
            {
                double sum = 0;
                for (int y = top; y < top + Block; y++)
                {
                    for (int x = left; x < left + Block; x++)
                        sum += Math.Abs(Grey(frames, to, x + dx, y + dy) - Grey(frames, from, x, y));
                }

                if (sum < least)
                    (least, best) = (sum, (dx, dy));
            }
        }

        return (best.X, best.Y, least / (Block * Block));
    }

    private static double Grey(VideoFrames frames, int frame, int x, int y)
    {
        ReadOnlySpan<byte> pixel = frames.Frame(frame).Slice((y * frames.Width + x) * VideoFrames.Channels, VideoFrames.Channels);
        return (pixel[0] + pixel[1] + pixel[2]) / 3.0;
    }
}
