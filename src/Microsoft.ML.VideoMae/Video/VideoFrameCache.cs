// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Threading;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Decoded frames on disk: the first epoch decodes each clip whole and keeps it, later ones
/// decode nothing. Give it to a <see cref="VideoReader"/>.
/// </summary>
/// <remarks>
/// Use it with <see cref="VideoReadOptions.MaxShortSide"/>: frames of the size a model trains on take far less room. An entry belongs to a
/// file and to the settings that shape its frames; a changed file or setting gives a new entry. Several processes may share a folder:
/// entries are written under another name and moved into place. A damaged entry is noticed by its checksums and built again. Once the
/// folder is full, entries that this process has not used make room, oldest first; if there
/// are none, further clips are decoded as if there were no cache.
/// </remarks>
public sealed class VideoFrameCache
{
    private readonly CacheFolder _folder;
    private readonly VideoFrameCacheOptions _options;
    private readonly CacheKeys _keys;
    private readonly ConcurrentDictionary<string, bool> _tooLarge = new(StringComparer.Ordinal);
    private long _hits;
    private long _misses;

    /// <summary>Opens a cache; the folder is made if it does not exist.</summary>
    /// <param name="folder">The folder. It should hold nothing else.</param>
    /// <param name="options">How frames are stored, and how many; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public VideoFrameCache(string folder, VideoFrameCacheOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _options = (options ?? new VideoFrameCacheOptions()).Validated();
        _folder = new CacheFolder(Path.GetFullPath(folder), _options.MaxBytes);
        _keys = new CacheKeys(_options);
    }

    /// <summary>The number of reads that decoded no video.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>The number of reads that decoded a video.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Reads frames from the cache, or decodes the whole clip into it.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames wanted.</param>
    /// <param name="options">The settings that shape frames.</param>
    /// <param name="decode">Decodes frames.</param>
    internal VideoFrames Read(MLVideo video, FrameRequest request, VideoReadOptions options, Func<FrameRequest, VideoFrames> decode)
    {
        string key = _keys.Key(video, options, request.NeedsTimes);
        if (Load(key, video, request, options) is VideoFrames cached)
        {
            Interlocked.Increment(ref _hits);
            return cached;
        }

        Interlocked.Increment(ref _misses);
        if (_tooLarge.ContainsKey(key) || Build(key, request.NeedsTimes, decode) is not string notes)
            return decode(request);

        // Read back, so that the frames are the same whether they were in the cache or not. The cache keeps no notes: they are told once.
        return Load(key, video, request, options, notes) ?? decode(request);
    }

    /// <summary>What has to be decoded for a read; null if the cache has it, or is to decode it by itself.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames wanted.</param>
    /// <param name="options">The settings that shape frames.</param>
    internal FrameRequest? Missing(MLVideo video, FrameRequest request, VideoReadOptions options)
    {
        string key = _keys.Key(video, options, request.NeedsTimes);
        return request.NeedsTimes || _folder.Has(key) ? null
            : _tooLarge.ContainsKey(key) ? request
            : FrameRequest.All;
    }

    /// <summary>Keeps a clip that was decoded whole.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames wanted of it, without times.</param>
    /// <param name="options">The settings that shaped the frames.</param>
    /// <param name="whole">All frames.</param>
    /// <returns>The frames wanted; null if they cannot be kept.</returns>
    internal VideoFrames? Add(MLVideo video, FrameRequest request, VideoReadOptions options, VideoFrames whole)
    {
        try
        {
            return Read(video, request, options, r => r.IsAll ? whole : InMemoryFrames.Pick(video, whole, request, options));
        }
        catch (Exception e) when (e is VideoReadException or IOException or UnauthorizedAccessException)
        {
            return null; // Told when the clip is read alone.
        }
    }

    private VideoFrames? Load(string key, MLVideo video, FrameRequest request, VideoReadOptions options, string notes = "")
    {
        try
        {
            using CacheEntry? entry = CacheEntry.TryOpen(_folder.PathOf(key));
            VideoFrames? frames = entry?.Read(video, request, options, notes);
            if (frames is not null)
                _folder.Used(key);
            return frames;
        }
        catch (InvalidDataException)
        {
            _folder.Remove(key);    // damaged: built again
            return null;
        }
    }

    /// <summary>Decodes a clip into the cache.</summary>
    /// <returns>What there is to tell of the frames; null if they cannot be kept.</returns>
    private string? Build(string key, bool needsTimes, Func<FrameRequest, VideoFrames> decode)
    {
        FrameRequest whole = needsTimes ? FrameRequest.WholeWithTimes() : FrameRequest.All;
        try
        {
            VideoFrames frames = decode(whole);
            if (_folder.TryAdd(key, stream => CacheEntry.Write(stream, frames, whole.Timeline, _options.JpegQuality),
                CacheEntry.EstimatedBytes(frames, _options.JpegQuality)))
                return frames.Notes;
        }
        catch (VideoReadException e) when (e.Error == VideoReadError.TooLarge)
        {
            // A few frames of it may be within the limits: the caller's own request tells.
        }

        _tooLarge[key] = true;
        return null;
    }
}

/// <summary>How a <see cref="VideoFrameCache"/> stores frames, and how many.</summary>
public sealed record VideoFrameCacheOptions
{
    /// <summary>
    /// The bytes on disk that are not to be exceeded. The folder may hold a few entries more while several processes write to it.
    /// </summary>
    /// <value>The default value is 20 GiB.</value>
    public long MaxBytes { get; init; } = 20L << 30;

    /// <summary>Stores frames as JPEG of this quality, about a tenth of the bytes and not exact; null stores them as they are.</summary>
    /// <value>The default value is <see langword="null"/>: exact.</value>
    public int? JpegQuality { get; init; }

    /// <summary>
    /// Recognises a file by its content instead of its path, size and time of change: safer, but every file is read once a process.
    /// </summary>
    /// <value>The default value is <see langword="false"/>. Videos in memory are always recognised by content.</value>
    public bool KeyByContent { get; init; }

    internal VideoFrameCacheOptions Validated()
    {
        var problems = new ProblemList();
        problems.AtLeastOne(nameof(MaxBytes), MaxBytes);
        problems.Require(JpegQuality is not (< 1 or > 100),
            $"{nameof(JpegQuality)} is {JpegQuality}; it must be 1 to 100, or null for exact frames.");
        problems.ThrowIfAny($"The {nameof(VideoFrameCacheOptions)} are invalid");
        return this;
    }
}
