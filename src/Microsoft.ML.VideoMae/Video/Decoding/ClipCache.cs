// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Remembers what was learned about clips, so that later epochs pick frames without looking again.</summary>
/// <remarks>
/// It never changes what is read: a clip's first entry says how its frames are numbered, and whoever finds no entry comes to the same
/// one. A read is the same in a fresh process as in one that has read the clip before.
/// </remarks>
internal sealed class ClipCache
{
    private const long MaxFrames = 16_000_000;      // of all indices together: about 150 MB

    private readonly ConcurrentDictionary<(string Path, RegularFile File, VideoReadOptions Options), ClipFacts> _files = new();
    private readonly ConditionalWeakTable<MLVideo, ConcurrentDictionary<VideoReadOptions, ClipFacts>> _inMemory = [];
    private long _frames;

    /// <summary>What is known of a clip; new facts are written to it.</summary>
    public ClipFacts Get(MLVideo video, VideoReadOptions options)
    {
        // Where a temporary file lies changes nothing.
        options = options.TempFilePath is null ? options : options with { TempFilePath = null };
        if (video.Path is null)
            return _inMemory.GetValue(video, static _ => new()).GetOrAdd(options, static _ => new ClipFacts());
        return _files.GetOrAdd((video.Path, RegularFile.Of(video.Path), options), static _ => new ClipFacts());
    }

    /// <summary>Keeps the cache bounded: forgets everything once the indices hold too many frames.</summary>
    public void Added(int frames)
    {
        if (Interlocked.Add(ref _frames, Math.Max(100, frames)) <= MaxFrames)
            return;
        _files.Clear();
        Interlocked.Exchange(ref _frames, 0);
    }
}
