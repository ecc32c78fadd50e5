// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>
/// A square picture that covers an object: noise with more of it in coarse detail (1/f), stripes, a gradient, blobs of two colours, or
/// hardly anything.
/// </summary>
internal sealed class SceneTexture
{
    private const int Side = 64;
    private const int Channels = 3;
    private static readonly int[] s_octaves = [2, 4, 8, 16, 32];

    private readonly float[] _pixels = new float[Side * Side * Channels]; // [64, 64, 3], 0 to 1

    /// <param name="random">The random numbers of the clip.</param>
    public SceneTexture(SceneRandom random)
    {
        AddNoise(random);
        Shape(random);
        Colour(random);
    }

    /// <summary>The colour at a place, -1 to 1 in both directions; beyond it the picture is mirrored.</summary>
    public (float R, float G, float B) At(float x, float y)
    {
        float u = Mirrored((x + 1) * (Side / 2f) - 0.5f), v = Mirrored((y + 1) * (Side / 2f) - 0.5f);
        int left = (int)u, top = (int)v, right = Math.Min(left + 1, Side - 1), bottom = Math.Min(top + 1, Side - 1);
        float fx = u - left, fy = v - top;
        float a = (1 - fx) * (1 - fy), b = fx * (1 - fy), c = (1 - fx) * fy, d = fx * fy;
        int i = (top * Side + left) * Channels, j = (top * Side + right) * Channels;
        int k = (bottom * Side + left) * Channels, l = (bottom * Side + right) * Channels;
        float[] p = _pixels;
        return (a * p[i] + b * p[j] + c * p[k] + d * p[l], a * p[i + 1] + b * p[j + 1] + c * p[k + 1] + d * p[l + 1],
            a * p[i + 2] + b * p[j + 2] + c * p[k + 2] + d * p[l + 2]);
    }

    private static float Mirrored(float place)
    {
        const float Last = Side - 1, Period = 2 * Last;
        float rest = MathF.Abs(place) % Period;
        return rest > Last ? Period - rest : rest;
    }

    /// <summary>Grids of random numbers, ever finer and weaker.</summary>
    private void AddNoise(SceneRandom random)
    {
        float slope = random.Uniform(0.2f, 1.3f), colourful = 0.6f * random.Uniform();
        foreach (int cells in s_octaves)
        {
            float weight = MathF.Pow(cells, -slope);
            float[] grid = new float[cells * cells * Channels];
            for (int cell = 0; cell < cells * cells; cell++)
            {
                float grey = 0.8f * Centred(random);
                for (int channel = 0; channel < Channels; channel++)
                    grid[cell * Channels + channel] = weight * (grey + colourful * Centred(random));
            }

            Enlarge(grid, cells);
        }
    }

    /// <summary>Three uniform numbers: near enough to a normal one, and cheap.</summary>
    private static float Centred(SceneRandom random)
    {
        ulong bits = random.Next();
        return ((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF)) * (2f / 65536) - 3;
    }

    /// <summary>Adds a grid, enlarged bilinearly.</summary>
    private void Enlarge(float[] grid, int cells)
    {
        Span<float> row = stackalloc float[32 * Channels];
        float scale = (float)cells / Side;
        for (int y = 0; y < Side; y++)
        {
            float v = Math.Clamp((y + 0.5f) * scale - 0.5f, 0, cells - 1);
            int top = (int)v, bottom = Math.Min(top + 1, cells - 1);
            for (int i = 0; i < cells * Channels; i++)
            {
                float above = grid[top * cells * Channels + i], below = grid[bottom * cells * Channels + i];
                row[i] = above + (v - top) * (below - above);
            }

            for (int x = 0; x < Side; x++)
            {
                float u = Math.Clamp((x + 0.5f) * scale - 0.5f, 0, cells - 1);
                int left = (int)u * Channels, right = Math.Min((int)u + 1, cells - 1) * Channels, target = (y * Side + x) * Channels;
                for (int channel = 0; channel < Channels; channel++)
                    _pixels[target + channel] += row[left + channel] + (u - (int)u) * (row[right + channel] - row[left + channel]);
            }
        }
    }

    private void Shape(SceneRandom random)
    {
        int kind = random.Below(7);
        float angle = random.Uniform(0, MathF.PI), frequency = random.Uniform(0.15f, 0.75f);
        float cos = MathF.Cos(angle), sin = MathF.Sin(angle);
        ReadOnlySpan<float> strength = [random.Normal(), random.Normal(), random.Normal()];
        for (int i = 0; i < _pixels.Length; i++)
        {
            float along = (i / Channels % Side) * cos + (i / Channels / Side) * sin;
            _pixels[i] = kind switch
            {
                0 => 0.3f * _pixels[i] + strength[i % Channels] * MathF.Sin(along * frequency),
                1 => _pixels[i] > 0 ? 1 : -1,
                2 => 0.1f * _pixels[i],
                3 => 0.2f * _pixels[i] + strength[i % Channels] * (along / Side - 0.5f),
                _ => _pixels[i],
            };
        }
    }

    /// <summary>Sets contrast, brightness and tint; every second texture is grey.</summary>
    private void Colour(SceneRandom random)
    {
        double mean = 0, square = 0;
        foreach (float value in _pixels)
        {
            mean += value;
            square += (double)value * value;
        }

        mean /= _pixels.Length;
        float deviation = (float)Math.Sqrt(Math.Max(0, square / _pixels.Length - mean * mean)) + 1e-3f;
        float contrast = random.Uniform(0.04f, 0.26f) / deviation, brightness = random.Uniform(0.25f, 0.75f);
        ReadOnlySpan<float> tint = [random.Normal() * 0.08f, random.Normal() * 0.08f, random.Normal() * 0.08f];
        bool isGrey = random.Chance(0.5f);
        for (int i = 0; i < _pixels.Length; i += Channels)
        {
            float sum = 0;
            for (int channel = 0; channel < Channels; channel++)
            {
                _pixels[i + channel] = (_pixels[i + channel] - (float)mean) * contrast + brightness + tint[channel];
                sum += _pixels[i + channel];
            }

            for (int channel = 0; channel < Channels; channel++)
                _pixels[i + channel] = Math.Clamp(isGrey ? sum / Channels : _pixels[i + channel], 0, 1);
        }
    }
}
