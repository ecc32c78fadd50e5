// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.ML.VideoMae.Similarity;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>
/// Reads frames of every video of a data set, in parallel, and looks for files that are there more than once, and for near duplicates.
/// </summary>
/// <param name="host">Gets progress, and is asked whether to go on.</param>
/// <param name="group">The processes that share the videos out; all get the report.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class VideoSetValidator(IHost host, ProcessGroup group, CancellationToken cancellationToken)
{
    /// <summary>Frames over the whole length, shrunk: what training would read, at little cost.</summary>
    private static readonly FrameSampler s_sampler = new UniformFrameSampler(16);
    private static readonly VideoReadOptions s_options = VideoReadOptions.Default with { MaxShortSide = ClipFingerprint.MaxShortSide };

    private sealed record Row(long Index, MLVideo Video, string? Label, string? Split)
    {
        /// <summary>Which frames are read.</summary>
        public FrameSampler Sampler { get; init; } = s_sampler;
    }

    /// <summary>What a process found in a row's video, or why it cannot be read.</summary>
    /// <param name="Row">The row.</param>
    /// <param name="Hash">The hash of the content; nothing for frames in memory.</param>
    /// <param name="Fingerprint">What near duplicates are found by; null where they are not looked for.</param>
    /// <param name="Error">Why it cannot be read.</param>
    /// <param name="Reason">The same in words; null where it can be read.</param>
    private sealed record Found(int Row, string Hash, ClipFingerprint? Fingerprint, VideoReadError Error = default, string? Reason = null);

    public VideoValidationReport Run(IDataView data, string videoColumnName, string? labelColumnName, string? splitColumnName,
        bool findNearDuplicates)
    {
        using IProgressChannel progress = host.StartProgressChannel("Validating videos");
        long done = 0;
        var found = new List<Found>();
        progress.SetHeader(new ProgressHeader(["unreadable"], ["videos"]), entry =>
        {
            entry.SetProgress(0, done);
            entry.SetMetric(0, found.Count(f => f.Reason is not null));
        });
        List<Row> all = [.. Rows(data, videoColumnName, labelColumnName, splitColumnName)
            .Select(row => findNearDuplicates ? row with { Sampler = new SpreadFrames() } : row)];
        int[] own = [.. Enumerable.Range(0, all.Count).Where(i => i % group.Size == group.Rank)];
        var options = new PrefetchOptions();
        using var ahead = new ReadsAhead(VideoReader.Default, s_options, () => own.Length,
            i => new PlannedRead(all[own[i]].Video, FrameRequest.ForSampler(all[own[i]].Sampler, random: null)), options.Workers,
            cancellationToken);
        using var checks = new VideoPrefetcher<int, Found>(Enumerable.Range(0, own.Length),
            (i, token) => Check(own[i], all[own[i]], new ReadAhead(ahead, i), token), _ => 0, options, cancellationToken);
        foreach (Prefetched<int, Found> check in checks)
        {
            host.CheckAlive();
            done++;
            found.Add(check.Error is VideoReadException e ? new Found(own[check.Item], "", null, e.Error, e.Reason) : check.Result);
        }

        IEnumerable<Found> ofAll = group.IsAlone ? found
            : group.Gather(JsonSerializer.SerializeToUtf8Bytes(found)).SelectMany(part => JsonSerializer.Deserialize<Found[]>(part)!);
        return Report(all, [.. ofAll.OrderBy(f => f.Row)], findNearDuplicates, labelColumnName ?? splitColumnName);
    }

    private VideoValidationReport Report(List<Row> all, Found[] found, bool findNearDuplicates, string? column)
    {
        var problems = new List<VideoProblem>();
        var byContent = new Dictionary<string, List<Row>>();
        foreach (Found f in found)
        {
            Row row = all[f.Row];
            if (f.Reason is not null)
                problems.Add(new VideoProblem(row.Index, row.Video.Name, f.Error, f.Reason));
            else if (f.Hash.Length > 0)
                (byContent.TryGetValue(f.Hash, out List<Row>? same) ? same : byContent[f.Hash] = []).Add(row);
        }

        return new VideoValidationReport(all.Count, problems, [.. byContent.Values.Where(same => same.Count > 1).Select(Duplicate)])
        {
            NearDuplicates = findNearDuplicates ? NearDuplicatesOf(all, found, column) : [],
        };
    }

    /// <summary>Where there are classes or parts, pairs within one are no news: neighbours of one recording often stand there.</summary>
    private VideoNearDuplicate[] NearDuplicatesOf(List<Row> all, Found[] found, string? column)
    {
        bool IsOfInterest(int i, int j) =>
            (found[i].Hash != found[j].Hash || found[i].Hash.Length == 0) && all[i].Video.Name != all[j].Video.Name
            && (column is null || all[i].Label != all[j].Label || all[i].Split != all[j].Split);
        return [.. NearDuplicates.Find([.. found.Select(f => f.Fingerprint)], IsOfInterest, cancellationToken).Select(pair =>
        {
            (Row first, Row second) = (all[pair.First], all[pair.Second]);
            return new VideoNearDuplicate
            {
                First = first.Video.Name,
                Second = second.Video.Name,
                Labels = [.. new[] { first.Label, second.Label }.OfType<string>()],
                Splits = [.. new[] { first.Split, second.Split }.OfType<string>()],
                Similarity = Math.Round(pair.Similarity, 4),
                IsMirrored = pair.IsMirrored,
                Shift = TimeSpan.FromSeconds(Math.Round(pair.Shift, 3)),
            };
        })];
    }

    private static VideoDuplicate Duplicate(List<Row> same) => new(
        [.. same.Select(r => r.Video.Name)],
        [.. same.Select(r => r.Label).OfType<string>().Distinct()],
        [.. same.Select(r => r.Split).OfType<string>().Distinct()]);

    /// <summary>Reads a video.</summary>
    private static Found Check(int index, Row row, ReadAhead ahead, CancellationToken cancellationToken)
    {
        VideoFrames frames = ahead.Take(null, cancellationToken)
            ?? VideoReader.Default.Read(row.Video, row.Sampler, s_options, cancellationToken: cancellationToken);
        ClipFingerprint? fingerprint = row.Sampler is SpreadFrames chosen
            ? ClipFingerprint.Of(frames, chosen, SecondsOf(row.Video, cancellationToken))
            : null;
        return new Found(index, HashOf(row), fingerprint);
    }

    private static double SecondsOf(MLVideo video, CancellationToken cancellationToken)
    {
        if (SharedClip.SecondsOf(video) is > 0 and double seconds)
            return seconds;
        try
        {
            return VideoReader.Default.TimelineOf(video, s_options, cancellationToken).Duration;
        }
        catch (VideoReadException e) when (e.Error == VideoReadError.NoTimes)
        {
            return 0;
        }
    }

    private static string HashOf(Row row)
    {
        if (row.Video.Path is not string path)
            return row.Video.Bytes.IsEmpty ? "" : Convert.ToHexString(SHA256.HashData(row.Video.Bytes.Span));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Where(VideoFiles.IsPicture).Order(NaturalOrder.Instance)]
            : (string[])[path])
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private IEnumerable<Row> Rows(IDataView data, string videoColumnName, string? labelColumnName, string? splitColumnName)
    {
        DataViewSchema.Column video = Column(data, videoColumnName, "video");
        DataViewSchema.Column? label = labelColumnName is null ? null : Column(data, labelColumnName, "label");
        DataViewSchema.Column? split = splitColumnName is null ? null : Column(data, splitColumnName, "split");
        if (video.Type is not (VideoDataViewType or TextDataViewType))
            throw host.ExceptSchemaMismatch(nameof(data), "video", videoColumnName, "Video, or String (a path)", video.Type.ToString());
        using DataViewRowCursor cursor = data.GetRowCursor([video, .. new[] { label, split }.OfType<DataViewSchema.Column>()]);
        Func<MLVideo> getVideo = VideoGetter(cursor, video);
        Func<string?> getLabel = TextGetter(cursor, label), getSplit = TextGetter(cursor, split);
        while (cursor.MoveNext())
            yield return new Row(cursor.Position, getVideo(), getLabel(), getSplit());
    }

    private DataViewSchema.Column Column(IDataView data, string name, string role) =>
        data.Schema.GetColumnOrNull(name) ?? throw host.ExceptSchemaMismatch(nameof(data), role, name);

    private static Func<MLVideo> VideoGetter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType)
        {
            Func<string?> path = TextGetter(row, column);
            return () => MLVideo.CreateFromFile(path()!);
        }

        ValueGetter<MLVideo> getVideo = row.GetGetter<MLVideo>(column);
        MLVideo video = null!;
        return () =>
        {
            getVideo(ref video);
            return video;
        };
    }

    private static Func<string?> TextGetter(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is null)
            return () => null;
        if (column.Value.Type is KeyDataViewType)
        {
            ValueGetter<uint> getKey = row.GetGetter<uint>(column.Value);
            uint key = 0;
            return () =>
            {
                getKey(ref key);
                return $"key {key}";
            };
        }

        ValueGetter<ReadOnlyMemory<char>> getText = row.GetGetter<ReadOnlyMemory<char>>(column.Value);
        ReadOnlyMemory<char> text = default;
        return () =>
        {
            getText(ref text);
            return text.ToString();
        };
    }
}
