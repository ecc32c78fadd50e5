// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Linq;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Collects what users should know of videos that were read all the same, and says it once
/// for all of them. Safe to use from several threads.
/// </summary>
internal sealed class VideoNotes
{
    private const int MostNamed = 3;

    private readonly ConcurrentDictionary<string, string> _notes = new(StringComparer.Ordinal);
    private int _reported;

    /// <summary>Takes note of frames that were read; most have nothing to say.</summary>
    public void Add(MLVideo video, VideoFrames frames)
    {
        if (frames.Notes.Length > 0)
            _notes.TryAdd(video.Name, frames.Notes);
    }

    /// <summary>Says what came since the last call, with a count and the first names.</summary>
    public void Report(Action<string> warn)
    {
        int count = _notes.Count;
        if (count == _reported)
            return;
        _reported = count;
        string named = string.Join(" ", _notes.OrderBy(n => n.Key, StringComparer.Ordinal).Take(MostNamed)
            .Select(n => $"'{n.Key}': {n.Value}"));
        warn(count == 1 ? $"A video was read with a note. {named}"
            : $"{count} videos were read with a note. {named}{(count > MostNamed ? $" And {count - MostNamed} more." : "")}");
    }
}
