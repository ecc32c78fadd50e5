// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>
/// The random numbers of one clip: SplitMix64 (Steele et al., 2014), seeded by the seed of the data and the index of the clip, so that
/// every clip can be made alone, in any order.
/// </summary>
internal sealed class SceneRandom
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <param name="seed">The seed of the data.</param>
    /// <param name="index">The index of the clip.</param>
    public SceneRandom(int seed, long index)
    {
        _state = (ulong)(uint)seed;
        _state = Next() ^ (ulong)index;
        Next();
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        ulong z = _state += Step;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to 1, without 1.</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>A number in a range.</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>A number of a normal distribution with mean 0 and deviation 1.</summary>
    public float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform()));

    /// <summary>Whether something happens that has this probability.</summary>
    public bool Chance(float probability) => Uniform() < probability;

    /// <summary>A normal number with a probability, and 0 else.</summary>
    public float Sometimes(float probability, float deviation)
    {
        bool happens = Chance(probability);
        float value = Normal() * deviation; // Drawn in any case, so that what follows does not depend on it.
        return happens ? value : 0;
    }

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Uniform() * count);
}
