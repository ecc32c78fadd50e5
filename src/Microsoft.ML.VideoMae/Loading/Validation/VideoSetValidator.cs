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

/// <summary>The columns that are looked at.</summary>
/// <param name="Video">Videos, or their paths.</param>
/// <param name="Label">Labels; null for none.</param>
/// <param name="Split">Parts of the data set; null for none.</param>
internal sealed record VideoSetColumns(string Video, string? Label, string? Split);

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

        /// <summary>What is known before it is read.</summary>
        public VideoFinding Found() => new() { Row = Index, Video = Video.Name, Label = Label, Split = Split };
    }

    /// <summary>Looks at all videos; processes that were started together share them out.</summary>
    public VideoValidationReport Run(IDataView data, VideoSetColumns columns, bool findNearDuplicates)
    {
        VideoFinding[] found = Look(data, columns, findNearDuplicates, group.Rank, group.Size);
        if (group.IsAlone)
            return Report(found);
        IReadOnlyList<byte[]> all = group.Gather(JsonSerializer.SerializeToUtf8Bytes(found));
        return Report(all.SelectMany(part => JsonSerializer.Deserialize<VideoFinding[]>(part)!));
    }

    /// <summary>Looks at the videos of a part: every so many, since neighbours in a list are often alike in length.</summary>
    public VideoFinding[] Look(IDataView data, VideoSetColumns columns, bool findNearDuplicates, int part, int parts)
    {
        using IProgressChannel progress = host.StartProgressChannel("Validating videos");
        long done = 0;
        var found = new List<VideoFinding>();
        progress.SetHeader(new ProgressHeader(["unreadable"], ["videos"]), entry =>
        {
            entry.SetProgress(0, done);
            entry.SetMetric(0, found.Count(f => f.Reason is not null));
        });
        Row[] own = [.. Rows(data, columns).Where((_, i) => i % parts == part)
            .Select(row => findNearDuplicates ? row with { Sampler = new SpreadFrames() } : row)];
        var options = new PrefetchOptions();
        using var ahead = new ReadsAhead(VideoReader.Default, s_options, () => own.Length,
            i => new PlannedRead(own[i].Video, FrameRequest.ForSampler(own[i].Sampler, random: null)), options.Workers, cancellationToken);
        using var checks = new VideoPrefetcher<int, VideoFinding>(Enumerable.Range(0, own.Length),
            (i, token) => Check(own[i], new ReadAhead(ahead, i), token), _ => 0, options, cancellationToken);
        foreach (Prefetched<int, VideoFinding> check in checks)
        {
            host.CheckAlive();
            done++;
            found.Add(check.Error is VideoReadException e
                ? own[check.Item].Found() with { Error = e.Error, Reason = e.Reason }
                : check.Result);
        }

        return [.. found];
    }

    /// <summary>What findings of all videos mean together.</summary>
    public VideoValidationReport Report(IEnumerable<VideoFinding> findings)
    {
        VideoFinding[] all = [.. findings.OrderBy(f => f.Row)];
        VideoDuplicate[] duplicates =
        [
            .. all.Where(f => f.Reason is null && f.Hash.Length > 0).GroupBy(f => f.Hash).Where(same => same.Count() > 1)
                .Select(same => Duplicate([.. same])),
        ];
        VideoProblem[] problems =
            [.. all.Where(f => f.Reason is not null).Select(f => new VideoProblem(f.Row, f.Video, f.Error, f.Reason!))];
        return new VideoValidationReport(all.Length, problems, duplicates) { NearDuplicates = NearDuplicatesOf(all) };
    }

    /// <summary>Where there are classes or parts, pairs within one are no news: neighbours of one recording often stand there.</summary>
    private VideoNearDuplicate[] NearDuplicatesOf(VideoFinding[] all)
    {
        bool hasColumn = all.Any(f => f.Label is not null || f.Split is not null);
        bool IsOfInterest(int i, int j) =>
            (all[i].Hash != all[j].Hash || all[i].Hash.Length == 0) && all[i].Video != all[j].Video
            && (!hasColumn || all[i].Label != all[j].Label || all[i].Split != all[j].Split);
        return [.. NearDuplicates.Find([.. all.Select(f => f.Fingerprint)], IsOfInterest, cancellationToken).Select(pair =>
        {
            (VideoFinding first, VideoFinding second) = (all[pair.First], all[pair.Second]);
            return new VideoNearDuplicate
            {
                First = first.Video,
                Second = second.Video,
                Labels = [.. new[] { first.Label, second.Label }.OfType<string>()],
                Splits = [.. new[] { first.Split, second.Split }.OfType<string>()],
                Similarity = Math.Round(pair.Similarity, 4),
                IsMirrored = pair.IsMirrored,
                Shift = TimeSpan.FromSeconds(Math.Round(pair.Shift, 3)),
            };
        })];
    }

    private static VideoDuplicate Duplicate(VideoFinding[] same) => new(
        [.. same.Select(f => f.Video)],
        [.. same.Select(f => f.Label).OfType<string>().Distinct()],
        [.. same.Select(f => f.Split).OfType<string>().Distinct()]);

    /// <summary>Reads a video.</summary>
    private static VideoFinding Check(Row row, ReadAhead ahead, CancellationToken cancellationToken)
    {
        VideoFrames frames = ahead.Take(null, cancellationToken)
            ?? VideoReader.Default.Read(row.Video, row.Sampler, s_options, cancellationToken: cancellationToken);
        ClipFingerprint? fingerprint = row.Sampler is SpreadFrames chosen
            ? ClipFingerprint.Of(frames, chosen, SecondsOf(row.Video, cancellationToken))
            : null;
        return row.Found() with { Hash = HashOf(row), Fingerprint = fingerprint };
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

    private IEnumerable<Row> Rows(IDataView data, VideoSetColumns columns)
    {
        (string videoColumnName, string? labelColumnName, string? splitColumnName) = columns;
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
