// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>
/// Counts the tensors of the process, those of all threads. The counts of two moments are compared while the same models live: what becomes
/// a parameter stays counted.
/// </summary>
internal static class LiveTensors
{
    /// <summary>Those that nobody has disposed of, garbage included.</summary>
    public static long Now => torch.Tensor.TotalCount;

    /// <summary>The same after what earlier tests left to the garbage collection is gone.</summary>
    public static long Settled()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Now;
    }
}
