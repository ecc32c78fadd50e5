// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Data;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Keeps a share of the videos of every class apart.</summary>
internal static class VideoHoldOut
{
    private const string Temporary = "VideoHoldOut.Path";

    private sealed class PathRow
    {
        [ColumnName(Temporary)]
        public string Path { get; set; } = "";
    }

    public static DataOperationsCatalog.TrainTestData Split(DataOperationsCatalog catalog, IDataView data, double testFraction,
        string? labelColumnName, string? groupColumnName, string videoColumnName, int? seed)
    {
        IHost host = CatalogUtils.GetEnvironment(catalog).Register(nameof(VideoHoldOut));
        host.CheckValue(data, nameof(data));
        host.CheckParam(testFraction is > 0 and < 1, nameof(testFraction), "has to be above 0 and below 1");
        string[] videos = Text(host, data, "video", videoColumnName);
        string[] labels = labelColumnName is null ? [.. videos.Select(_ => "all videos")] : Text(host, data, "label", labelColumnName);
        string[] groups = groupColumnName is null ? videos : Text(host, data, "group", groupColumnName);
        string[] names = [.. labels.Distinct()];
        int[] classes = [.. labels.Select(label => Array.IndexOf(names, label))];
        int drawn = seed ?? ((IHostEnvironmentInternal)host).Seed ?? Random.Shared.Next();
        HashSet<string> kept = [.. GroupedSplit.Draw(classes, groups, testFraction, new Random(drawn)).Select(i => videos[i])];
        CheckClasses(host, labels, videos, kept, groupColumnName);

        // Rows are told by their path: the same file never stands on both sides.
        IDataView named = new ColumnCopyingTransformer(host, (Temporary, videoColumnName)).Transform(data);
        IDataView Rows(bool test) => ColumnSelectingTransformer.CreateDrop(host,
            catalog.FilterByCustomPredicate<PathRow>(named, row => kept.Contains(row.Path) != test), Temporary);
        return new DataOperationsCatalog.TrainTestData(Rows(test: false), Rows(test: true));
    }

    /// <summary>A class of one video (or group) is whole on one side.</summary>
    private static void CheckClasses(IHost host, string[] labels, string[] videos, HashSet<string> kept, string? groupColumnName)
    {
        string unit = groupColumnName is null ? "video" : $"group in column '{groupColumnName}'";
        if (kept.Count == 0)
            throw host.Except($"No video can be kept apart: every class ({First([.. labels.Distinct()])}) has only one " +
                $"{unit}. Give each class at least two.");
        ILookup<string, string> classes = Enumerable.Range(0, videos.Length).ToLookup(i => labels[i], i => videos[i]);
        string[] whole = [.. classes.Where(videosOfClass => !videosOfClass.Any(kept.Contains)).Select(c => c.Key)];
        if (whole.Length == 0)
            return;
        using IChannel channel = host.Start("Splitting");
        channel.Warning($"{whole.Length} of {classes.Count} classes have only one {unit}, so none of their videos is kept apart and " +
            $"nothing measures them: {First(whole)}.");
    }

    private static string First(string[] names) =>
        $"{string.Join(", ", names.Take(5).Select(n => $"'{n}'"))}{(names.Length > 5 ? ", ..." : "")}";

    private static string[] Text(IHost host, IDataView data, string purpose, string name)
    {
        DataViewSchema.Column column = data.Schema.GetColumnOrNull(name) ?? throw host.ExceptSchemaMismatch(nameof(data), purpose, name);
        return column.Type is TextDataViewType
            ? [.. data.GetColumn<string>(column)]
            : throw host.ExceptSchemaMismatch(nameof(data), purpose, name, "String", column.Type.ToString());
    }
}
