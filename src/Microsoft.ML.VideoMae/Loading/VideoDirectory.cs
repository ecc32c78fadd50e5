// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Lists a folder that has one folder per class, or folders for training, validation and test that have.</summary>
internal static class VideoDirectory
{
    /// <summary>The file name endings that are taken for videos.</summary>
    public static readonly IReadOnlyList<string> Extensions =
    [
        ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ts", ".mts", ".3gp", ".ogv", ".gif", ".webp",
    ];

    private class Row
    {
        public string VideoPath { get; init; } = "";

        public string Label { get; init; } = "";
    }

    /// <summary>A column that is always there would have to be in every class that a model's input is predicted from.</summary>
    private sealed class SplitRow : Row
    {
        public string Split { get; init; } = "";
    }

    public static IDataView Load(IHostEnvironment env, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"The data set folder '{path}' does not exist.");
        IHost host = env.Register(nameof(VideoDirectory));
        using IChannel channel = host.Start("Listing");
        string[] folders = [.. Visible(Directory.EnumerateDirectories(path))];
        bool hasSplits = folders.Length > 0 && folders.All(f => SplitName.Of(Path.GetFileName(f)) is not null && Directory.EnumerateDirectories(f).Any());
        SplitRow[] rows = hasSplits
            ? [.. folders.SelectMany(f => Classes(Visible(Directory.EnumerateDirectories(f)), SplitName.Of(Path.GetFileName(f))!, channel))]
            : [.. Classes(folders, "", channel)];
        if (rows.Length == 0)
            throw Nothing(host, path);
        string splits = hasSplits ? $" ({string.Join(", ", rows.GroupBy(r => r.Split).Select(g => $"{g.Count()} {g.Key}"))})" : "";
        channel.Info($"{rows.Length} videos of {rows.DistinctBy(r => r.Label).Count()} classes were found in '{path}'{splits}.");
        return hasSplits ? DataViewConstructionUtils.CreateFromEnumerable(host, rows) : DataViewConstructionUtils.CreateFromEnumerable<Row>(host, rows);
    }

    private static IEnumerable<SplitRow> Classes(IEnumerable<string> folders, string split, IChannel channel) =>
        from folder in folders
        from video in Videos(folder, channel)
        select new SplitRow { VideoPath = video, Label = Path.GetFileName(folder), Split = split };

    private static IEnumerable<string> Videos(string folder, IChannel channel)
    {
        foreach (string file in Visible(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            if (!IsVideo(file))
                continue;
            if (new FileInfo(file).Length == 0)
            {
                channel.Warning($"'{file}' is empty (0 bytes) and is left out.");
                continue;
            }

            yield return Path.GetFullPath(file);
        }
    }

    private static IEnumerable<string> Visible(IEnumerable<string> paths) =>
        paths.Where(p => !Path.GetFileName(p).StartsWith('.')).Order(NaturalOrder.Instance);

    private static bool IsVideo(string file) => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    private static Exception Nothing(IHost host, string path)
    {
        int loose = Directory.EnumerateFiles(path).Count(IsVideo);
        string found = loose > 0
            ? $"has {loose} videos that are in no class folder"
            : $"has {Directory.EnumerateDirectories(path).Count()} folders and none of them holds a video";
        return host.Except($"The data set folder '{path}' {found}. Expected: one folder per class (or folders train, val and test with such folders), with videos in it " +
            $"({string.Join(", ", Extensions)}), such as '{Path.Combine(path, "wave", "clip1.mp4")}'.");
    }
}
