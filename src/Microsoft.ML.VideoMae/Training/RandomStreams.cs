// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Derives independent random generators from one seed, by purpose and position, so that what a clip gets in an epoch does not
/// depend on how many workers there are or on what was drawn before.
/// </summary>
/// <param name="seed">The run's seed; null draws one.</param>
internal sealed class RandomStreams(int? seed)
{
    /// <summary>What a generator is for.</summary>
    public enum Purpose
    {
        /// <summary>The first values of the weights.</summary>
        Initialization,

        /// <summary>The order of the clips.</summary>
        Order,

        /// <summary>Frame choice and augmentation.</summary>
        Clip,

        /// <summary>Dropout and drop path.</summary>
        Dropout,

        /// <summary>Mixup and cutmix.</summary>
        Mixing,

        /// <summary>Which rows are kept for validation.</summary>
        Split,

        /// <summary>Which tokens are hidden in pre-training.</summary>
        Masking,
    }

    /// <summary>The seed in use: the one given, or the one drawn.</summary>
    public int Seed { get; } = seed ?? Random.Shared.Next();

    /// <summary>A managed generator for a purpose, and an epoch and a clip where these matter.</summary>
    public Random Create(Purpose purpose, int epoch = 0, int index = 0) => new((int)Derive(purpose, epoch, index));

    /// <summary>A seed for torch's generators.</summary>
    public ulong Derive(Purpose purpose, int epoch = 0, int index = 0)
    {
        ulong state = (uint)Seed;
        foreach (int part in (ReadOnlySpan<int>)[(int)purpose, epoch, index])
            state = Mix(state ^ (uint)part);
        return state >> 1;
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
