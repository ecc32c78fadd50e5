// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae;

namespace MotionClips;

/// <summary>
/// One clip: a textured disc on a textured, still background. The class is how the disc moves, and only that: its place, angle and
/// size are drawn so that in every single frame they are distributed alike in all classes.
/// </summary>
public sealed class MotionClip
{
    /// <summary>The classes.</summary>
    public static readonly string[] Classes = ["down", "left", "right", "rotate", "up", "zoom"];

    /// <summary>The height and width of a frame in pixels.</summary>
    public const int Size = 64;

    /// <summary>The number of frames.</summary>
    public const int Frames = 16;

    private const float Radius = 20;
    // The logarithm of the disc's size runs up and down between these, or stays where it is.
    private const float SmallestLogScale = -0.35f;
    private const float LogScaleRange = 0.7f;

    private readonly (float Red, float Green, float Blue)[] _background; // of every pixel: it is the same in all frames
    private readonly Texture _sprite;
    private readonly float _x, _y, _dx, _dy, _angle, _turn, _phase, _zoom;

    /// <param name="action">One of <see cref="Classes"/>.</param>
    /// <param name="random">Draws the textures, and where the disc is at first and how fast it moves.</param>
    /// <param name="speed">
    /// How fast a disc that moves up, down, left or right does so, in pixels a frame; null draws between 1.5 and 3.
    /// </param>
    public MotionClip(string action, Random random, float? speed = null)
    {
        _background = Drawn(new Texture(random, contrast: 20));
        _sprite = new Texture(random, contrast: 60);
        _x = random.NextSingle() * Size;
        _y = random.NextSingle() * Size;
        _angle = random.NextSingle() * MathF.Tau;
        _phase = random.NextSingle() * 2;
        float drawn = 1.5f + 1.5f * random.NextSingle();
        float step = speed ?? drawn;
        _dx = action switch { "left" => -step, "right" => step, _ => 0 };
        _dy = action switch { "up" => -step, "down" => step, _ => 0 };
        _turn = action == "rotate" ? (0.15f + 0.15f * random.NextSingle()) * (random.Next(2) * 2 - 1) : 0; // radians a frame
        _zoom = action == "zoom" ? 0.1f + 0.08f * random.NextSingle() : 0; // share of the size range a frame
    }

    /// <summary>Draws all frames.</summary>
    public VideoFrames Render() => Render(Frames, Frames);

    /// <summary>Draws a longer clip, which may stand still at its end.</summary>
    /// <param name="moving">For how many frames the disc moves.</param>
    /// <param name="count">The number of frames; those after the moving ones are like the last of these.</param>
    public VideoFrames Render(int moving, int count)
    {
        const int Length = Size * Size * VideoFrames.Channels;
        var pixels = new byte[count * Length];
        for (int t = 0; t < count; t++)
        {
            if (t < moving)
                RenderFrame(t, pixels.AsSpan(t * Length, Length));
            else
                pixels.AsSpan((moving - 1) * Length, Length).CopyTo(pixels.AsSpan(t * Length));
        }

        return new VideoFrames(pixels, count, Size, Size);
    }

    private void RenderFrame(int t, Span<byte> frame)
    {
        float scale = MathF.Exp(SmallestLogScale + LogScaleRange * Triangle(_phase + _zoom * t));
        (float sin, float cos) = MathF.SinCos(_angle + _turn * t);
        int at = 0;
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                // The disc leaves on one side and comes back on the other, so that every place is equally likely in every frame.
                float u = Wrap(x - _x - _dx * t), v = Wrap(y - _y - _dy * t);
                float edge = Math.Clamp(Radius * scale - MathF.Sqrt(u * u + v * v) + 0.5f, 0, 1);
                (float r, float g, float b) = _background[y * Size + x];
                if (edge > 0)
                {
                    (float sr, float sg, float sb) = _sprite.At((u * cos + v * sin) / scale, (v * cos - u * sin) / scale);
                    (r, g, b) = (r + edge * (sr - r), g + edge * (sg - g), b + edge * (sb - b));
                }

                frame[at++] = (byte)Math.Clamp(r, 0, 255);
                frame[at++] = (byte)Math.Clamp(g, 0, 255);
                frame[at++] = (byte)Math.Clamp(b, 0, 255);
            }
        }
    }

    private static (float Red, float Green, float Blue)[] Drawn(Texture texture)
    {
        var colours = new (float, float, float)[Size * Size];
        for (int i = 0; i < colours.Length; i++)
            colours[i] = texture.At(i % Size, i / Size);
        return colours;
    }

    /// <summary>0 to 1 and back with a period of 2: uniformly distributed for a uniform phase.</summary>
    private static float Triangle(float phase)
    {
        float p = phase % 2;
        return p < 1 ? p : 2 - p;
    }

    private static float Wrap(float d) => d - Size * MathF.Round(d / Size);
}
