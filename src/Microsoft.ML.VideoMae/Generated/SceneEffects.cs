// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>What a camera and a codec do to a clip: blur, grey, coarse colours, flicker and grain, each in some clips only.</summary>
internal static class SceneEffects
{
    private const int Channels = 3;
    private const int ColourBlock = 4;

    /// <summary>Applies them, and turns colours into bytes.</summary>
    /// <param name="pixels">Colours from 0 to 1, [T, H, W, 3].</param>
    /// <param name="side">The side of a frame.</param>
    /// <param name="random">The random numbers of the clip.</param>
    public static byte[] Apply(float[] pixels, int side, SceneRandom random)
    {
        int frames = pixels.Length / (side * side * Channels), frame = side * side * Channels;
        bool blurs = random.Chance(0.2f), isGrey = random.Chance(0.25f), isCoarse = random.Chance(0.2f), flickers = random.Chance(0.25f);
        float grain = random.Chance(0.5f) ? 0.03f * random.Uniform() : 0, steps = random.Uniform(16, 64);
        var bytes = new byte[pixels.Length];
        for (int t = 0; t < frames; t++)
        {
            Span<float> picture = pixels.AsSpan(t * frame, frame);
            if (blurs)
                Blur(picture, side);
            if (isGrey)
                Grey(picture);
            if (isCoarse)
                Coarsen(picture, side, steps);
            float light = flickers ? random.Uniform(0.95f, 1.05f) : 1;
            for (int i = 0; i < frame; i++)
                bytes[t * frame + i] = (byte)(Math.Clamp(picture[i] * light + (grain > 0 ? grain * Noise(random) : 0), 0, 1) * 255 + 0.5f);
        }

        return bytes;
    }

    /// <summary>A triangle of deviation 1.</summary>
    private static float Noise(SceneRandom random)
    {
        ulong bits = random.Next();
        return ((bits & 0xFFFFFF) + (float)((bits >> 24) & 0xFFFFFF) - 0xFFFFFF) * (2.449f / 0xFFFFFF);
    }

    /// <summary>Each pixel and its right and lower neighbours.</summary>
    private static void Blur(Span<float> picture, int side)
    {
        int row = side * Channels;
        for (int y = 0; y < side; y++)
        {
            for (int i = y * row; i < (y + 1) * row; i++)
            {
                int right = i + Channels < (y + 1) * row ? i + Channels : i, down = y + 1 < side ? i + row : i;
                picture[i] = 0.5f * picture[i] + 0.25f * (picture[right] + picture[down]);
            }
        }
    }

    private static void Grey(Span<float> picture)
    {
        for (int i = 0; i < picture.Length; i += Channels)
            picture[i] = picture[i + 1] = picture[i + 2] = 0.299f * picture[i] + 0.587f * picture[i + 1] + 0.114f * picture[i + 2];
    }

    /// <summary>Colour is that of a block of pixels, and brightness has few steps: what strong compression leaves.</summary>
    private static void Coarsen(Span<float> picture, int side, float steps)
    {
        Span<float> mean = stackalloc float[Channels];
        for (int top = 0; top < side; top += ColourBlock)
        {
            for (int left = 0; left < side; left += ColourBlock)
            {
                mean.Clear();
                for (int p = 0; p < ColourBlock * ColourBlock; p++)
                {
                    for (int channel = 0; channel < Channels; channel++)
                        mean[channel] += picture[At(top, left, p, side) + channel] / (ColourBlock * ColourBlock);
                }

                float brightness = (mean[0] + mean[1] + mean[2]) / Channels;
                for (int p = 0; p < ColourBlock * ColourBlock; p++)
                {
                    int i = At(top, left, p, side);
                    float light = MathF.Round((picture[i] + picture[i + 1] + picture[i + 2]) / Channels * steps) / steps - brightness;
                    for (int channel = 0; channel < Channels; channel++)
                        picture[i + channel] = mean[channel] + light;
                }
            }
        }
    }

    private static int At(int top, int left, int place, int side) =>
        ((top + place / ColourBlock) * side + left + place % ColourBlock) * Channels;
}
