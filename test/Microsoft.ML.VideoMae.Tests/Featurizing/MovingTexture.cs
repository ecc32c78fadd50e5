// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

/// <summary>Grey frames of a smooth texture that is known between pixels too, so that it can be moved by any part of a pixel.</summary>
internal static class MovingTexture
{
    public const int Height = 48;
    public const int Width = 64;

    private static readonly (Vector2 Frequency, float Phase)[] s_waves = Waves();

    /// <summary>The texture, moved, turned clockwise about the centre and zoomed.</summary>
    public static byte[] Frame(Vector2 moved = default, float turn = 0, float zoom = 1)
    {
        var pixels = new byte[Height * Width];
        for (int i = 0; i < pixels.Length; i++)
        {
            var place = new Vector2((i % Width) + 0.5f - (Width / 2f), (i / Width) + 0.5f - (Height / 2f));
            pixels[i] = At(Vector2.Transform(place - moved, Matrix3x2.CreateRotation(-turn)) / zoom);
        }

        return pixels;
    }

    /// <summary>A clip of grey frames.</summary>
    public static MLVideo Clip(int frames, Func<int, byte[]> frame)
    {
        var pixels = new byte[frames * Height * Width * VideoFrames.Channels];
        for (int f = 0; f < frames; f++)
        {
            byte[] grey = frame(f);
            for (int i = 0; i < pixels.Length / frames; i++)
                pixels[(f * grey.Length * VideoFrames.Channels) + i] = grey[i / VideoFrames.Channels];
        }

        return MLVideo.CreateFromFrames(new VideoFrames(pixels, frames, Height, Width));
    }

    private static byte At(Vector2 place)
    {
        float sum = 0;
        foreach ((Vector2 frequency, float phase) in s_waves)
            sum += MathF.Sin(Vector2.Dot(frequency, place) + phase);
        return (byte)Math.Clamp(128 + (25 * sum), 0, 255);
    }

    private static (Vector2, float)[] Waves()
    {
        var random = new Random(7);
        var waves = new (Vector2, float)[12];
        for (int i = 0; i < waves.Length; i++)
        {
            float angle = MathF.Tau * i / waves.Length, length = 0.25f + (0.6f * random.NextSingle()); // Waves of 7 to 25 pixels.
            waves[i] = (length * new Vector2(MathF.Cos(angle), MathF.Sin(angle)), MathF.Tau * random.NextSingle());
        }

        return waves;
    }
}
