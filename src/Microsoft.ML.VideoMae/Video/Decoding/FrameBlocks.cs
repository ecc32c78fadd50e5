// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Frames of a clip whose length is not known yet, in blocks of memory that are used again for the next clip.</summary>
internal sealed class FrameBlocks(int frameSize) : IDisposable
{
    private const int BlockSize = 4 << 20;
    private const int MaxIdle = 16;     // 64 MiB stay with the process

    private static readonly ConcurrentBag<byte[]> s_idle = [];

    private readonly List<byte[]> _blocks = [];
    private readonly int _frameSize = frameSize;
    private readonly int _framesPerBlock = Math.Max(1, BlockSize / frameSize);

    public int Count { get; private set; }

    public long Bytes => (long)Count * _frameSize;

    /// <summary>Room for one more frame.</summary>
    public Span<byte> Add()
    {
        if (Count % _framesPerBlock == 0)
            _blocks.Add(_frameSize <= BlockSize ? Rent() : new byte[_frameSize]);
        return Frame(Count++);
    }

    /// <summary>Forgets the last frame: it came out incomplete.</summary>
    public void RemoveLast() => Count--;

    public Span<byte> Frame(int index)
        => _blocks[index / _framesPerBlock].AsSpan(index % _framesPerBlock * _frameSize, _frameSize);

    public void Dispose()
    {
        foreach (byte[] block in _blocks)
        {
            if (block.Length == BlockSize && s_idle.Count < MaxIdle)
                s_idle.Add(block);
        }

        _blocks.Clear();
    }

    private static byte[] Rent() => s_idle.TryTake(out byte[]? block) ? block : GC.AllocateUninitializedArray<byte>(BlockSize);
}
