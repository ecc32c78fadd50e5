// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.ML.VideoMae.Similarity;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>
/// Reads frames of every video of a data set, in parallel, and looks for files that are there more than once, and for near duplicates.
/// </summary>
/// <param name="host">Gets progress, and is asked whether to go on.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class VideoSetValidator(IHost host, CancellationToken cancellationToken)
{
    /// <summary>Frames over the whole length, shrunk: what training would read, at little cost.</summary>
    private static readonly FrameSampler s_sampler = new UniformFrameSampler(16);
    private static readonly VideoReadOptions s_options = VideoReadOptions.Default with { MaxShortSide = ClipFingerprint.MaxShortSide };

    private sealed record Row(long Index, MLVideo Video, string? Label, string? Split)
    {
        /// <summary>Which frames are read.</summary>
        public FrameSampler Sampler { get; init; } = s_sampler;
    }

    /// <param name="Hash">The hash of the content; nothing for frames in memory.</param>
    /// <param name="Fingerprint">What near duplicates are found by; null where they are not looked for.</param>
    private sealed record Checked(string Hash, ClipFingerprint? Fingerprint);

    public VideoValidationReport Run(IDataView data, string videoColumnName, string? labelColumnName, string? splitColumnName,
        bool findNearDuplicates)
    {
        using IProgressChannel progress = host.StartProgressChannel("Validating videos");
        long done = 0;
        var problems = new List<VideoProblem>();
        var byContent = new Dictionary<string, List<Row>>();
        progress.SetHeader(new ProgressHeader(["unreadable"], ["videos"]), entry =>
        {
            entry.SetProgress(0, done);
            entry.SetMetric(0, problems.Count);
        });
        List<Row> all = [.. Rows(data, videoColumnName, labelColumnName, splitColumnName)
            .Select(row => findNearDuplicates ? row with { Sampler = new SpreadFrames() } : row)];
        var fingerprints = new ClipFingerprint?[all.Count];
        var hashes = new string[all.Count];
        var options = new PrefetchOptions();
        using var ahead = new ReadsAhead(VideoReader.Default, s_options, () => all.Count,
            i => new PlannedRead(all[i].Video, FrameRequest.ForSampler(all[i].Sampler, random: null)), options.Workers, cancellationToken);
        using var rows = new VideoPrefetcher<Row, Checked>(
            all, (row, token) => Check(row, new ReadAhead(ahead, (int)row.Index), token), _ => 0, options, cancellationToken);
        foreach (Prefetched<Row, Checked> row in rows)
        {
            host.CheckAlive();
            done++;
            if (row.Error is VideoReadException e)
                problems.Add(new VideoProblem(row.Item.Index, row.Item.Video.Name, e.Error, e.Reason));
            else
                (fingerprints[row.Item.Index], hashes[row.Item.Index]) = (row.Result.Fingerprint, row.Result.Hash);
            if (row.Error is null && row.Result.Hash.Length > 0)
                (byContent.TryGetValue(row.Result.Hash, out List<Row>? same) ? same : byContent[row.Result.Hash] = []).Add(row.Item);
        }

        return new VideoValidationReport(done, problems, [.. byContent.Values.Where(same => same.Count > 1).Select(Duplicate)])
        {
            NearDuplicates = findNearDuplicates ? NearDuplicatesOf(all, fingerprints, hashes, labelColumnName ?? splitColumnName) : [],
        };
    }

    /// <summary>Where there are classes or parts, pairs within one are no news: neighbours of one recording often stand there.</summary>
    private VideoNearDuplicate[] NearDuplicatesOf(List<Row> all, ClipFingerprint?[] fingerprints, string[] hashes, string? column)
    {
        bool IsOfInterest(int i, int j) => (hashes[i] != hashes[j] || hashes[i].Length == 0) && all[i].Video.Name != all[j].Video.Name
            && (column is null || all[i].Label != all[j].Label || all[i].Split != all[j].Split);
        return [.. NearDuplicates.Find(fingerprints, IsOfInterest, cancellationToken).Select(pair =>
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
    private static Checked Check(Row row, ReadAhead ahead, CancellationToken cancellationToken)
    {
        VideoFrames frames = ahead.Take(null, cancellationToken)
            ?? VideoReader.Default.Read(row.Video, row.Sampler, s_options, cancellationToken: cancellationToken);
        ClipFingerprint? fingerprint = row.Sampler is SpreadFrames chosen
            ? ClipFingerprint.Of(frames, chosen, SecondsOf(row.Video, cancellationToken))
            : null;
        return new Checked(HashOf(row), fingerprint);
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
