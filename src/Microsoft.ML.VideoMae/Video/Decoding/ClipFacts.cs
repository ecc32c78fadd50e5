// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>What was learned about one clip. Written by several threads, which all find the same.</summary>
internal sealed class ClipFacts
{
    /// <summary>The number of frames of a small file that was decoded whole; 0 if it was not.</summary>
    public volatile int DecodedCount;

    /// <summary>The index of a large file; null if there is none yet.</summary>
    public volatile ProbeResult? Probe;

    /// <summary>
    /// The index of any file that was asked for times, which says nothing of how it is to be read; null if there is none yet.
    /// </summary>
    public volatile ProbeResult? TimesProbe;

    /// <summary>The number of frames that decode in a file whose index promises more; 0 if it was not counted.</summary>
    public volatile int ExactCount;

    /// <summary>True if decoding from inside the file failed, as where key frames are not what they claim to be.</summary>
    public volatile bool CannotSeek;

    /// <summary>
    /// True if the format of the frames changes on the way, so that ffmpeg's own numbers of frames are not those of the clip.
    /// </summary>
    public volatile bool CountsAnew;

    /// <summary>How the format of the frames changes, for users; null as far as it does not.</summary>
    public volatile string? Change;
}

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
