// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.IO;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Remembers how many frames really came out of a file, so that later epochs pick frames without looking again.</summary>
internal sealed class FrameCountCache
{
    private const int MaxEntries = 200_000;

    private readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), int> _counts = new();

    public int? Get(MLVideo video) => Key(video) is { } key && _counts.TryGetValue(key, out int count) ? count : null;

    public void Set(MLVideo video, int count)
    {
        if (Key(video) is not { } key)
            return;
        if (_counts.Count >= MaxEntries)
            _counts.Clear();
        _counts[key] = count;
    }

    private static (string, long, DateTime)? Key(MLVideo video)
    {
        if (video.Path is null)
            return null;
        var info = new FileInfo(video.Path);
        return info.Exists ? (video.Path, info.Length, info.LastWriteTimeUtc) : null;
    }
}
