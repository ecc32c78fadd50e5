// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Keeps account of the clips of a data set that cannot be read.</summary>
/// <param name="context">Makes the errors.</param>
/// <param name="dataSet">What the data set is called in messages.</param>
/// <param name="examples">All clips.</param>
/// <param name="policy">Whether clips may be skipped at all.</param>
/// <param name="maxShare">The share of all clips that may be skipped.</param>
internal sealed class SkippedClips(
    IExceptionContext context, string dataSet, IReadOnlyList<ClipExample> examples, VideoErrorPolicy policy, double maxShare)
{
    private const int MostListed = 10;

    private readonly ConcurrentDictionary<int, VideoReadException> _skipped = [];
    private int _reported;

    /// <summary>What a user should know of the other clips.</summary>
    public VideoNotes Notes { get; } = new();

    /// <summary>The clips that are still used, in order.</summary>
    public int[] Remaining() => [.. Enumerable.Range(0, examples.Count).Where(i => !_skipped.ContainsKey(i))];

    /// <summary>The errors by clip, for <see cref="Restore"/>.</summary>
    public SkippedClip[] Save() =>
        [.. _skipped.OrderBy(s => s.Key).Select(s => new SkippedClip(s.Key, s.Value.Video, s.Value.Error, s.Value.Reason))];

    /// <summary>Takes over what an earlier part of the run skipped and reported.</summary>
    public void Restore(IEnumerable<SkippedClip> clips)
    {
        foreach (SkippedClip clip in clips)
            _skipped[clip.Index] = new VideoReadException(clip.Video, clip.Error, clip.Reason);
        _reported = _skipped.Count;
    }

    /// <summary>Takes note of what other processes of the run skipped; to be called by all.</summary>
    public void Share(ProcessGroup group)
    {
        if (group.IsAlone)
            return;
        foreach (byte[] clips in group.Gather(JsonSerializer.SerializeToUtf8Bytes(Save())))
        {
            foreach (SkippedClip clip in JsonSerializer.Deserialize<SkippedClip[]>(clips)!)
                _skipped.TryAdd(clip.Index, new VideoReadException(clip.Video, clip.Error, clip.Reason));
        }
    }

    /// <summary>Notes a failure; false where it has to end the work.</summary>
    public bool TrySkip(int index, VideoReadException error)
    {
        if (policy == VideoErrorPolicy.Throw)
            return false;
        _skipped.TryAdd(index, error);
        return true;
    }

    /// <summary>Logs what was skipped or noted since the last call, and stops where it is too much.</summary>
    /// <exception cref="InvalidOperationException">More clips were skipped than the share allows; the message lists them.</exception>
    public void Report(IChannel channel)
    {
        Notes.Report(text => channel.Warning(text));
        VideoReadException[] errors = [.. _skipped.OrderBy(s => s.Key).Select(s => s.Value)];
        if (errors.Length > maxShare * examples.Count)
        {
            string list = string.Join(Environment.NewLine, errors.Take(MostListed).Select(e => $"- {e.Message}"));
            string more = errors.Length > MostListed ? $"{Environment.NewLine}- and {errors.Length - MostListed} more" : "";
            throw context.Except(
                $"{errors.Length} of the {examples.Count} videos of the {dataSet} set cannot be read, which is more than the share of "
                    + FormattableString.Invariant($"{maxShare:0.##} that may be skipped. Repair or remove them, or raise ")
                    + $"{nameof(VideoMaeTrainer.Options.MaxSkippedFraction)}:{Environment.NewLine}{list}{more}");
        }

        if (errors.Length == _reported)
            return;
        channel.Warning($"{errors.Length} of the {examples.Count} videos of the {dataSet} set cannot be read and are not used:" +
            $"{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(e => $"- {e.Message}"))}");
        _reported = errors.Length;
    }
}
