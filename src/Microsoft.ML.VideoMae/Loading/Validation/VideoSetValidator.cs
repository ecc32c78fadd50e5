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

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Reads a few frames of every video of a data set, in parallel, and looks for files that are there more than once.</summary>
/// <param name="host">Gets progress, and is asked whether to go on.</param>
/// <param name="group">The processes that share the videos out; all get the report.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class VideoSetValidator(IHost host, ProcessGroup group, CancellationToken cancellationToken)
{
    /// <summary>Frames over the whole length, shrunk: what training would read, at little cost.</summary>
    private static readonly FrameSampler s_sampler = new UniformFrameSampler(16);
    private static readonly VideoReadOptions s_options = VideoReadOptions.Default with { MaxShortSide = 64 };

    private sealed record Row(long Index, MLVideo Video, string? Label, string? Split);

    /// <summary>What a process found: the hash of the content of a row's video, or why it cannot be read.</summary>
    private sealed record Found(int Row, string Hash, VideoReadError Error, string? Reason);

    public VideoValidationReport Run(IDataView data, string videoColumnName, string? labelColumnName, string? splitColumnName)
    {
        using IProgressChannel progress = host.StartProgressChannel("Validating videos");
        long done = 0;
        var found = new List<Found>();
        progress.SetHeader(new ProgressHeader(["unreadable"], ["videos"]), entry =>
        {
            entry.SetProgress(0, done);
            entry.SetMetric(0, found.Count(f => f.Reason is not null));
        });
        List<Row> all = [.. Rows(data, videoColumnName, labelColumnName, splitColumnName)];
        int[] own = [.. Enumerable.Range(0, all.Count).Where(i => i % group.Size == group.Rank)];
        var options = new PrefetchOptions();
        using var ahead = new ReadsAhead(VideoReader.Default, s_options, () => own.Length,
            i => new PlannedRead(all[own[i]].Video, FrameRequest.ForSampler(s_sampler, random: null)), options.Workers, cancellationToken);
        using var checks = new VideoPrefetcher<int, string>(Enumerable.Range(0, own.Length),
            (i, token) => Check(all[own[i]], new ReadAhead(ahead, i), token), _ => 0, options, cancellationToken);
        foreach (Prefetched<int, string> check in checks)
        {
            host.CheckAlive();
            done++;
            found.Add(check.Error is VideoReadException e
                ? new Found(own[check.Item], "", e.Error, e.Reason)
                : new Found(own[check.Item], check.Result, default, null));
        }

        return Report(all, group.IsAlone ? found
            : [.. group.Gather(JsonSerializer.SerializeToUtf8Bytes(found)).SelectMany(part => JsonSerializer.Deserialize<Found[]>(part)!)]);
    }

    private static VideoValidationReport Report(List<Row> all, IEnumerable<Found> found)
    {
        var problems = new List<VideoProblem>();
        var byContent = new Dictionary<string, List<Row>>();
        foreach (Found f in found.OrderBy(f => f.Row))
        {
            Row row = all[f.Row];
            if (f.Reason is not null)
                problems.Add(new VideoProblem(row.Index, row.Video.Name, f.Error, f.Reason));
            else if (f.Hash.Length > 0)
                (byContent.TryGetValue(f.Hash, out List<Row>? same) ? same : byContent[f.Hash] = []).Add(row);
        }

        return new VideoValidationReport(all.Count, problems, [.. byContent.Values.Where(same => same.Count > 1).Select(Duplicate)]);
    }

    private static VideoDuplicate Duplicate(List<Row> same) => new(
        [.. same.Select(r => r.Video.Name)],
        [.. same.Select(r => r.Label).OfType<string>().Distinct()],
        [.. same.Select(r => r.Split).OfType<string>().Distinct()]);

    /// <summary>Reads a video; gives the hash of its content, or nothing for frames in memory.</summary>
    private static string Check(Row row, ReadAhead ahead, CancellationToken cancellationToken)
    {
        if (ahead.Take(null, cancellationToken) is null)
            VideoReader.Default.Read(row.Video, s_sampler, s_options, cancellationToken: cancellationToken);
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
