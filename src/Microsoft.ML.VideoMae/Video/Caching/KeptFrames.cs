// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Caching;

/// <summary>
/// Decoded frames in memory, for later passes over the same files: one fit after another in a cross-validation, and scoring after a fit.
/// </summary>
/// <remarks>
/// An entry belongs to a file as it was and to the settings that shape its frames. What was not used for a while is given up; there is no
/// room for more while all that is kept is in use.
/// </remarks>
/// <param name="maxBytes">The most bytes of pixels.</param>
internal sealed class KeptFrames(long maxBytes)
{
    /// <summary>Room for what a few runs of ffmpeg give: without it, frames that were read ahead would be lost.</summary>
    private const long RoomToReadAhead = 4 * FFmpegDecoder.WholeClipBytes;

    /// <summary>What was not used for so long is given up: a program that goes on to other things gets its memory back.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(10);

    /// <summary>What was used within this time makes no room for others.</summary>
    private static readonly TimeSpan s_inUse = TimeSpan.FromMinutes(1);

    private readonly object _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly ConcurrentDictionary<Key, Task> _expected = [];
    private Timer? _timer;
    private long _bytes;

    /// <summary>What frames are of.</summary>
    /// <param name="Path">The path of the file.</param>
    /// <param name="File">The file as it was.</param>
    /// <param name="MaxShortSide">What the frames were shrunk to; null if they are as large as in the file.</param>
    /// <param name="Rotates">Whether they were turned.</param>
    /// <param name="Squares">Whether their pixels were made square.</param>
    /// <param name="Choice">Which frames.</param>
    internal sealed record Key(string Path, RegularFile File, int? MaxShortSide, bool Rotates, bool Squares, string Choice)
    {
        /// <summary>The key of a read; null where its frames are not kept.</summary>
        public static Key? Of(MLVideo video, FrameRequest request, VideoReadOptions options)
            => video.Path is not null && request.Choice is string choice && RegularFile.Of(video.Path) is { Exists: true } file
                ? new Key(video.Path, file, options.MaxShortSide, options.ApplyRotation, options.ApplyPixelAspectRatio, choice)
                : null;
    }

    /// <summary>Whether there is room for frames that are read ahead.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                MakeRoom(RoomToReadAhead);
                return _bytes + RoomToReadAhead <= maxBytes;
            }
        }
    }

    /// <summary>Says that frames are being read, and will be kept if all goes well; false if somebody reads them already.</summary>
    /// <param name="key">The frames.</param>
    /// <param name="read">Ends when they are kept, or will not be.</param>
    public bool Expect(Key key, Task read) => _expected.TryAdd(key, read);

    /// <summary>Says that frames are kept now, or will not be.</summary>
    public void Forget(Key key) => _expected.TryRemove(key, out _);

    /// <summary>Whether frames are kept, or are being read.</summary>
    public bool IsThere(Key key) => Find(key) is not null || _expected.ContainsKey(key);

    /// <summary>Waits where frames are being read.</summary>
    public void Await(Key key)
    {
        if (_expected.TryGetValue(key, out Task? read))
            read.Wait();
    }

    /// <summary>Frames that are kept, or were.</summary>
    internal sealed class Entry(VideoFrames frames)
    {
        private long _used = Environment.TickCount64;

        /// <summary>How long nobody used the frames.</summary>
        public TimeSpan Idle => TimeSpan.FromMilliseconds(Environment.TickCount64 - Interlocked.Read(ref _used));

        /// <summary>Gives the frames, and notes that they were used.</summary>
        public VideoFrames Use()
        {
            Interlocked.Exchange(ref _used, Environment.TickCount64);
            return frames;
        }

        public long Bytes => frames.Pixels.Length;
    }

    /// <summary>The frames of a key; null if they are not there.</summary>
    public Entry? Find(Key key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out Entry? entry))
                return entry;

            // Frames as they are in the file serve those who would shrink larger ones.
            return key.MaxShortSide is int side && _entries.TryGetValue(key with { MaxShortSide = null }, out entry)
                && entry.Use() is VideoFrames frames && Math.Min(frames.Width, frames.Height) <= side ? entry : null;
        }
    }

    /// <summary>Keeps frames that own their memory, if there is room.</summary>
    /// <returns>An entry, which is its owner's alone where there was no room.</returns>
    public Entry Add(Key key, VideoFrames frames)
    {
        // Frames whose shorter side is below the limit were not shrunk.
        if (key.MaxShortSide is int side && Math.Min(frames.Width, frames.Height) < side)
            key = key with { MaxShortSide = null };
        var entry = new Entry(frames);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out Entry? kept))
                return kept;
            MakeRoom(entry.Bytes);
            if (_bytes + entry.Bytes > maxBytes)
                return entry;
            _entries.Add(key, entry);
            _bytes += entry.Bytes;
            _timer ??= new Timer(static kept => ((KeptFrames)kept!).GiveUpIdle(), this, s_inUse, s_inUse);
        }

        return entry;
    }

    private void MakeRoom(long bytes)
    {
        if (_bytes + bytes <= maxBytes)
            return;
        foreach ((Key key, Entry entry) in _entries.Where(e => e.Value.Idle > s_inUse).OrderByDescending(e => e.Value.Idle).ToArray())
        {
            if (_bytes + bytes <= maxBytes)
                break;
            Remove(key, entry);
        }
    }

    private void GiveUpIdle()
    {
        lock (_lock)
        {
            foreach ((Key key, Entry entry) in _entries.Where(e => e.Value.Idle > s_idle).ToArray())
                Remove(key, entry);
            if (_entries.Count > 0)
                return;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Remove(Key key, Entry entry)
    {
        _entries.Remove(key);
        _bytes -= entry.Bytes;
    }
}
