// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Lends the frames of one read memory from a pool: they must not be looked at after this is disposed.</summary>
/// <remarks>
/// A new array for each clip is large enough to be cleared page by page by the system, and to cost a collection of everything now and then.
/// </remarks>
internal sealed class FrameMemory : IDisposable
{
    private byte[] _pixels = [];

    /// <summary>Memory with any content; what was lent before is taken back.</summary>
    /// <param name="length">The number of bytes.</param>
    public Memory<byte> Rent(int length)
    {
        Dispose();
        _pixels = ArrayPool<byte>.Shared.Rent(length);
        return _pixels.AsMemory(0, length);
    }

    public void Dispose()
    {
        if (_pixels.Length > 0)
            ArrayPool<byte>.Shared.Return(_pixels);
        _pixels = [];
    }
}
