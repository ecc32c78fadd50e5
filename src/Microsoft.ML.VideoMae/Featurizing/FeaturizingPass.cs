// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>
/// What is said of one pass over a column, once and with counts, when the last of its readers ends. Several threads may read.
/// </summary>
internal sealed class FeaturizingPass(IHost host)
{
    private const int MostNamed = 3;

    private readonly Lock _lock = new();
    private readonly List<string> _skipped = [];
    private VideoNotes _notes = new();
    private int _readers, _skippedCount;

    /// <summary>A reader begins.</summary>
    public void Enter()
    {
        lock (_lock)
            _readers++;
    }

    /// <summary>Takes note of frames that were read.</summary>
    public void Add(MLVideo video, VideoFrames frames)
    {
        lock (_lock)
            _notes.Add(video, frames);
    }

    /// <summary>Takes note of a video that could not be read.</summary>
    public void Skip(VideoReadException error)
    {
        lock (_lock)
        {
            if (_skippedCount++ < MostNamed)
                _skipped.Add(error.Message);
        }
    }

    /// <summary>A reader ends; the last one says what there is to say.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_readers > 0)
                return;
            using IChannel channel = host.Start("Featurizing");
            _notes.Report(text => channel.Warning(text));
            if (_skippedCount > 0)
                channel.Warning(Skipped());
            (_notes, _skippedCount) = (new(), 0);
            _skipped.Clear();
        }
    }

    private string Skipped()
    {
        string named = string.Join(" ", _skipped.Order());
        int more = _skippedCount - _skipped.Count;
        return _skippedCount == 1 ? $"A row gets no features: {named}"
            : $"{_skippedCount} rows get no features: {named}{(more > 0 ? $" And {more} more." : "")}";
    }
}
