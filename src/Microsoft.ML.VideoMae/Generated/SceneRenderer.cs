// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>Draws a scene, and works out how far what is seen in each pixel moves to the next frame.</summary>
internal sealed class SceneRenderer
{
    private const int Channels = 3;

    private readonly int _side;
    private readonly int _frames;

    /// <param name="side">The side of a frame, in pixels.</param>
    /// <param name="frames">The number of frames.</param>
    public SceneRenderer(int side, int frames)
    {
        (_side, _frames) = (side, frames);
        Pixels = new float[frames * side * side * Channels];
        Flow = new float[frames * side * side * 2];
    }

    /// <summary>Colours from 0 to 1, [T, H, W, 3].</summary>
    public float[] Pixels { get; }

    /// <summary>What moves where, in pixels to the right and down to the next frame, [T, H, W, 2].</summary>
    public float[] Flow { get; }

    /// <summary>Draws all frames.</summary>
    /// <param name="parts">The parts, from back to front.</param>
    public void Draw(IReadOnlyList<ScenePart> parts)
    {
        for (int t = 0; t < _frames; t++)
        {
            foreach (ScenePart part in parts)
                Draw(part, t);
        }
    }

    private void Draw(ScenePart part, int frame)
    {
        ScenePose now = part.Poses[frame], next = part.Poses[frame + 1];
        float determinant = now.M11 * now.M22 - now.M12 * now.M21, size = now.Size;
        if (size < 0.5f) // Too small to be seen.
            return;
        (int left, int right, int top, int bottom) = Bounds(part, now);
        float stepX = now.M22 / determinant, stepY = -now.M21 / determinant;
        for (int row = top; row <= bottom; row++)
        {
            float dx = left + 0.5f - now.X, dy = row + 0.5f - now.Y;
            float x = (now.M22 * dx - now.M12 * dy) / determinant, y = (now.M11 * dy - now.M21 * dx) / determinant;
            int pixel = (frame * _side + row) * _side + left;
            for (int column = left; column <= right; column++, pixel++, x += stepX, y += stepY)
            {
                float straight = x - now.Bend * y * y;
                float covered = part.Opacity * Math.Clamp(0.5f - part.Distance(straight, y) * size, 0, 1);
                if (covered <= 0)
                    continue;
                Blend(pixel, part.Texture.At(straight, y), covered);
                if (covered > 0.5f)
                {
                    (float seenX, float seenY) = next.Seen(straight, y);
                    (Flow[pixel * 2], Flow[pixel * 2 + 1]) = (seenX - column - 0.5f, seenY - row - 0.5f);
                }
            }
        }
    }

    /// <summary>The pixels that the part can reach.</summary>
    private (int Left, int Right, int Top, int Bottom) Bounds(ScenePart part, ScenePose pose)
    {
        if (part.Kind == SceneShape.Everything)
            return (0, _side - 1, 0, _side - 1);
        float reach = part.Extent * pose.LargestSize + 1;
        return ((int)Math.Clamp(pose.X - reach, 0, _side), (int)Math.Clamp(pose.X + reach, -1, _side - 1),
            (int)Math.Clamp(pose.Y - reach, 0, _side), (int)Math.Clamp(pose.Y + reach, -1, _side - 1));
    }

    private void Blend(int pixel, (float R, float G, float B) colour, float covered)
    {
        int i = pixel * Channels;
        Pixels[i] += covered * (colour.R - Pixels[i]);
        Pixels[i + 1] += covered * (colour.G - Pixels[i + 1]);
        Pixels[i + 2] += covered * (colour.B - Pixels[i + 2]);
    }
}
