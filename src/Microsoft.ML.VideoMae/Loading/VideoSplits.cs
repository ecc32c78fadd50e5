// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.VideoMae;

/// <summary>The parts of a data set that says itself which row is for training, validation and test.</summary>
public sealed class VideoSplits
{
    private const string Temporary = "VideoSplits.Split";

    private sealed class SplitRow
    {
        [ColumnName(Temporary)]
        public string Split { get; set; } = "";
    }

    internal VideoSplits(IDataView train, IDataView? validation, IDataView? test)
    {
        TrainSet = train;
        ValidationSet = validation;
        TestSet = test;
    }

    /// <summary>The rows to train on.</summary>
    public IDataView TrainSet { get; }

    /// <summary>The rows to validate on; null where there are none.</summary>
    public IDataView? ValidationSet { get; }

    /// <summary>The rows to test on; null where there are none.</summary>
    public IDataView? TestSet { get; }

    internal static VideoSplits Take(DataOperationsCatalog catalog, IDataView data, string splitColumnName)
    {
        IHost host = CatalogUtils.GetEnvironment(catalog).Register(nameof(VideoSplits));
        host.CheckValue(data, nameof(data));
        DataViewSchema.Column column = data.Schema.GetColumnOrNull(splitColumnName)
            ?? throw host.ExceptSchemaMismatch(nameof(data), "split", splitColumnName);
        if (column.Type is not TextDataViewType)
            throw host.ExceptSchemaMismatch(nameof(data), "split", splitColumnName, "String (train, val or test)", column.Type.ToString());
        string[] names = [.. data.GetColumn<string>(splitColumnName).Distinct()];
        string[] unknown = [.. names.Where(n => SplitName.Of(n) is null)];
        if (unknown.Length > 0)
        {
            throw host.Except($"Column '{splitColumnName}' says '{string.Join("', '", unknown.Take(5))}'; expected train (or training), " +
                "val (or valid, validation, dev) " +
                "and test (or testing).");
        }

        IDataView? Part(string part) => names.Any(n => SplitName.Of(n) == part)
            ? RowsOf(catalog, data, splitColumnName, part)
            : null;
        return new VideoSplits(
            Part(SplitName.Train)
                ?? throw host.Except($"Column '{splitColumnName}' has no row for training: expected some that say train."),
            Part(SplitName.Validation),
            Part(SplitName.Test));
    }

    private static IDataView RowsOf(DataOperationsCatalog catalog, IDataView data, string splitColumnName, string part)
    {
        // A predicate finds its column by a name that is known when this is compiled.
        IHostEnvironment env = CatalogUtils.GetEnvironment(catalog);
        IDataView named = new ColumnCopyingTransformer(env, (Temporary, splitColumnName)).Transform(data);
        IDataView rows = catalog.FilterByCustomPredicate<SplitRow>(named, row => SplitName.Of(row.Split) != part);
        return ColumnSelectingTransformer.CreateDrop(env, rows, Temporary);
    }
}

/// <summary>What folders and lists call the parts of a data set.</summary>
internal static class SplitName
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    /// <summary>The part that a name stands for; null where it stands for none.</summary>
    public static string? Of(string name) => name.Trim().ToLowerInvariant() switch
    {
        "train" or "training" => Train,
        "val" or "valid" or "validate" or "validation" or "dev" => Validation,
        "test" or "testing" => Test,
        _ => null,
    };
}
