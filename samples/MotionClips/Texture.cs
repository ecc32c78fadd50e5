// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace MotionClips;

/// <summary>A random, seamless colour texture: a few waves of random direction, length and colour.</summary>
internal sealed class Texture
{
    private const int Waves = 6;
    private const int Period = 64;

    private readonly float[] _waves = new float[Waves * 6]; // kx, ky, phase, red, green, blue

    /// <param name="random">Draws the waves.</param>
    /// <param name="contrast">The largest share of a wave in a colour, in levels.</param>
    public Texture(Random random, float contrast)
    {
        for (int i = 0; i < Waves; i++)
        {
            Span<float> wave = _waves.AsSpan(i * 6, 6);
            // Whole numbers of waves per period, so that the texture wraps around.
            int kx, ky;
            do
            {
                kx = random.Next(-6, 7);
                ky = random.Next(-6, 7);
            }
            while (kx * kx + ky * ky < 4);
            wave[0] = kx * MathF.Tau / Period;
            wave[1] = ky * MathF.Tau / Period;
            wave[2] = random.NextSingle() * MathF.Tau;
            for (int c = 3; c < 6; c++)
                wave[c] = (random.NextSingle() * 2 - 1) * contrast;
        }
    }

    /// <summary>The colour at a point, 0 to 255 a channel.</summary>
    public (float Red, float Green, float Blue) At(float x, float y)
    {
        float red = 128, green = 128, blue = 128;
        for (int i = 0; i < Waves; i++)
        {
            ReadOnlySpan<float> wave = _waves.AsSpan(i * 6, 6);
            float value = MathF.Sin(wave[0] * x + wave[1] * y + wave[2]);
            red += value * wave[3];
            green += value * wave[4];
            blue += value * wave[5];
        }

        return (red, green, blue);
    }
}
