// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// Tells the garbage collector of memory that it does not see. Models that nobody disposes of (those of an engine pool that has loaded a newer one, say)
/// would stay otherwise: the objects that hold them are small.
/// </summary>
internal sealed class NativeMemory : IDisposable
{
    private readonly long _bytes;

    /// <param name="bytes">How much there is, above 0.</param>
    public NativeMemory(long bytes)
    {
        _bytes = bytes;
        GC.AddMemoryPressure(bytes);
    }

    /// <summary>It was freed with the object that held this one.</summary>
    ~NativeMemory() => GC.RemoveMemoryPressure(_bytes);

    /// <summary>It was freed.</summary>
    public void Dispose()
    {
        GC.RemoveMemoryPressure(_bytes);
        GC.SuppressFinalize(this);
    }
}
