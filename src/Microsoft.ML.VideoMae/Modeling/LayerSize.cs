// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling.Fast;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// How many clips go through layers together on a CPU. Above 32 MB, the C library gets memory from the system anew each time, page by page,
/// which costs more than what is computed there. On a virtual machine, scoring 8 clips of the base model took 25 s together, and 5 s one
/// after the other.
/// </summary>
internal static class LayerSize
{
    private const long LargestBytes = 24 << 20;

    /// <summary>Between CpuTiny, which gains by it on two cores, and CpuSmall, which loses.</summary>
    private const long SmallBytes = 512 << 10;

    /// <summary>What tests have in place of the number, in their own flow of execution; null for none.</summary>
    internal static AsyncLocal<int?> Assumed { get; } = new();

    /// <summary>As many as keep the largest result of a layer below 24 MB; at least 1.</summary>
    /// <param name="tokens">The tokens of a clip.</param>
    /// <param name="width">The numbers of a token where it is widest.</param>
    public static int ClipsAtOnce(long tokens, int width) =>
        Assumed.Value ?? (int)Math.Clamp(LargestBytes / Bytes(tokens, width), 1, int.MaxValue);

    /// <summary>Whether one core is done with a layer before others have begun.</summary>
    /// <param name="tokens">The tokens of all clips.</param>
    /// <param name="width">The numbers of a token where it is widest.</param>
    public static bool IsSmall(long tokens, int width) => Bytes(tokens, width) < SmallBytes;

    /// <summary>
    /// How many threads are to share clips: as many as there are, while what all of them have in hand is no larger than that. With more,
    /// two threads with a clip of the base model each gained nothing.
    /// </summary>
    /// <param name="clips">The clips.</param>
    /// <param name="atOnce">The most clips that are in hand at once.</param>
    public static int Threads(int clips, int atOnce) => Math.Min(Math.Min(clips, atOnce), SideBySide.Most);

    /// <summary>In how many pieces clips go through layers: as many for each thread.</summary>
    /// <param name="clips">The clips, at least 1.</param>
    /// <param name="atOnce">The most clips that are in hand at once.</param>
    /// <param name="threads">The threads that share them.</param>
    public static int Pieces(int clips, int atOnce, int threads)
    {
        int most = Math.Clamp(atOnce / threads, 1, clips), pieces = (clips + most - 1) / most;
        return Math.Min(clips, (pieces + threads - 1) / threads * threads);
    }

    private static long Bytes(long tokens, int width) => sizeof(float) * Math.Max(1, tokens) * width;
}
