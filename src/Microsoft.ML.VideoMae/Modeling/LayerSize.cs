// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// How many clips go through layers together on a CPU. Above 32 MB, the C library gets memory from the system anew each time, page by page,
/// which costs more than what is computed there. On a virtual machine, scoring 8 clips of the base model took 25 s together, and 5 s one
/// after the other.
/// </summary>
internal static class LayerSize
{
    private const long LargestBytes = 24 << 20;

    /// <summary>What tests have in place of the number, in their own flow of execution; null for none.</summary>
    internal static AsyncLocal<int?> Assumed { get; } = new();

    /// <summary>As many as keep the largest result of a layer below 24 MB; at least 1.</summary>
    /// <param name="tokens">The tokens of a clip.</param>
    /// <param name="width">The numbers of a token where it is widest.</param>
    public static int ClipsAtOnce(long tokens, int width) =>
        Assumed.Value ?? (int)Math.Clamp(LargestBytes / (sizeof(float) * Math.Max(1, tokens) * width), 1, int.MaxValue);
}
