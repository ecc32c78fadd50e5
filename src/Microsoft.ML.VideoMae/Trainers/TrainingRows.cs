// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>Reads the handles and classes of labelled clips from a data view; nothing is decoded.</summary>
internal static class TrainingRows
{
    /// <summary>Checks that a schema has the columns a classifier needs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static void CheckSchema(IExceptionContext context, SchemaShape schema, string labelColumn, string videoColumn)
    {
        CheckClips(context, schema, videoColumn);
        if (!schema.TryFindColumn(labelColumn, out SchemaShape.Column label))
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn);
        if (!label.IsKey || !NumberDataViewType.UInt32.Equals(label.ItemType) || label.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn,
                "Key<UInt32> (mlContext.Transforms.Conversion.MapValueToKey makes such a column)", label.GetTypeString());
        }
    }

    /// <summary>Checks that training data has the columns that a trainer's options name.</summary>
    /// <param name="context">Makes the errors.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="options">The options.</param>
    /// <param name="labelType">The type of labels; null stands for keys.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static void Check(IExceptionContext context, SchemaShape schema, VideoMaeTrainerOptions options, DataViewType? labelType = null)
    {
        CheckClipsAndLabels(context, schema, options, labelType);
        if (options.GroupColumnName is not null)
            CheckGroup(context, schema, options.GroupColumnName);
    }

    /// <summary>Checks training and validation data, and reads the rows of the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static List<ClipExample> Read(
        IHost host, IChannel channel, IDataView data, VideoMaeTrainerOptions options, DataViewType? labelType = null)
    {
        Check(host, SchemaShape.Create(data.Schema), options, labelType);
        if (options.ValidationSet is not null)
            CheckClipsAndLabels(host, SchemaShape.Create(options.ValidationSet.Schema), options, labelType);
        return Read(host, channel, data, options.LabelColumnName, options.FeatureColumnName, options.GroupColumnName);
    }

    private static void CheckClipsAndLabels(
        IExceptionContext context, SchemaShape schema, VideoMaeTrainerOptions options, DataViewType? labelType)
    {
        if (labelType is null)
        {
            CheckSchema(context, schema, options.LabelColumnName, options.FeatureColumnName);
            return;
        }

        CheckClips(context, schema, options.FeatureColumnName);
        CheckLabel(context, schema, options.LabelColumnName, labelType);
    }

    /// <summary>Checks that a schema has a column of clips.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static void CheckClips(IExceptionContext context, SchemaShape schema, string videoColumn) =>
        ClipColumn.Check(context, schema, videoColumn);

    /// <summary>Checks that a label column is a scalar of a type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static void CheckLabel(IExceptionContext context, SchemaShape schema, string labelColumn, DataViewType type)
    {
        if (!schema.TryFindColumn(labelColumn, out SchemaShape.Column label))
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn);
        if (label.IsKey || !type.Equals(label.ItemType) || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn, type.ToString(), label.GetTypeString());
    }

    /// <summary>Reads all rows. Rows without a label (a missing key or number) are left out, unless labels do not matter.</summary>
    /// <param name="host">Gets the errors, and is asked whether to go on.</param>
    /// <param name="channel">Gets a warning where rows have no label.</param>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumn">A key, Boolean or Single column; null where there is none.</param>
    /// <param name="videoColumn">A column of videos or pixel values.</param>
    /// <param name="groupColumn">A text or key column that says which clips belong together; null for none.</param>
    /// <param name="keepsUnlabelled">Whether rows without a label are kept, with a target that is not a number.</param>
    /// <param name="displacementColumn">A vector column that says how what is seen moves; null for none.</param>
    public static List<ClipExample> Read(
        IHost host, IChannel channel, IDataView data, string? labelColumn, string videoColumn, string? groupColumn = null,
        bool keepsUnlabelled = false, string? displacementColumn = null)
    {
        var examples = new List<ClipExample>();
        int unlabelled = 0, missing = 0;
        DataViewSchema.Column? label = labelColumn is null ? null : data.Schema[labelColumn];
        DataViewSchema.Column video = data.Schema[videoColumn];
        DataViewSchema.Column? group = groupColumn is null ? null : data.Schema[groupColumn];
        DataViewSchema.Column? displacement = displacementColumn is null ? null : data.Schema[displacementColumn];
        using DataViewRowCursor cursor = data.GetRowCursor(new[] { label, video, group, displacement }.OfType<DataViewSchema.Column>());
        ValueGetter<VBuffer<float>>? getDisplacement = displacement is null ? null : cursor.GetGetter<VBuffer<float>>(displacement.Value);
        Func<float> getLabel = label is null ? () => float.NaN : TargetReader(cursor, label.Value);
        Func<string?> getGroup = GroupReader(cursor, group);
        ValueGetter<MLVideo> getVideo = ClipColumn.Reader(cursor, video);
        while (cursor.MoveNext())
        {
            host.CheckAlive();
            float target = getLabel();
            if (float.IsNaN(target) && !keepsUnlabelled)
            {
                unlabelled++;
                continue;
            }

            MLVideo clip = null!;
            getVideo(ref clip);
            if (clip.PixelValues is float[] pixels && Array.Exists(pixels, float.IsNaN))
            {
                missing++;
                continue;
            }

            VBuffer<float> values = default;
            getDisplacement?.Invoke(ref values);
            examples.Add(new ClipExample(clip, target, getGroup(), getDisplacement is null ? null : [.. values.DenseValues()]));
        }

        if (unlabelled > 0)
            channel.Warning($"{unlabelled} of {unlabelled + examples.Count} rows have no label in column '{labelColumn}' and are not " +
                "used.");
        if (missing > 0)
            channel.Warning($"{missing} of {missing + examples.Count} rows have missing pixel values in column '{videoColumn}' and are " +
                "not used.");
        return examples;
    }

    /// <summary>
    /// Reads labels as targets: a key as a class from 0, a Boolean as 0 or 1, a number as it is; not a number where it is missing.
    /// </summary>
    private static Func<float> TargetReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType)
        {
            ValueGetter<uint> getKey = row.GetGetter<uint>(column);
            uint key = 0;
            return () =>
            {
                getKey(ref key);
                return key == 0 ? float.NaN : key - 1;
            };
        }

        if (column.Type is BooleanDataViewType)
        {
            ValueGetter<bool> getBoolean = row.GetGetter<bool>(column);
            bool value = false;
            return () =>
            {
                getBoolean(ref value);
                return value ? 1 : 0;
            };
        }

        ValueGetter<float> getNumber = row.GetGetter<float>(column);
        float number = 0;
        return () =>
        {
            getNumber(ref number);
            return number;
        };
    }

    private static Func<string?> GroupReader(DataViewRow row, DataViewSchema.Column? column)
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
                return key == 0 ? null : key.ToString(CultureInfo.InvariantCulture);
            };
        }

        ValueGetter<ReadOnlyMemory<char>> getText = row.GetGetter<ReadOnlyMemory<char>>(column.Value);
        ReadOnlyMemory<char> text = default;
        return () =>
        {
            getText(ref text);
            return text.IsEmpty ? null : text.ToString();
        };
    }

    /// <summary>Checks that a column says which clips belong together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static void CheckGroup(IExceptionContext context, SchemaShape schema, string groupColumn)
    {
        if (!schema.TryFindColumn(groupColumn, out SchemaShape.Column group))
            throw context.ExceptSchemaMismatch(nameof(schema), "group", groupColumn);
        bool fits = group.Kind == SchemaShape.Column.VectorKind.Scalar
            && (group.IsKey ? NumberDataViewType.UInt32.Equals(group.ItemType) : group.ItemType is TextDataViewType);
        if (!fits)
            throw context.ExceptSchemaMismatch(nameof(schema), "group", groupColumn, "String or Key<UInt32>", group.GetTypeString());
    }

    /// <summary>Checks that there is something to learn.</summary>
    /// <exception cref="InvalidOperationException">There are no rows, or all are of one class.</exception>
    public static void CheckClasses(IHost host, IReadOnlyList<ClipExample> examples, ClassLabels labels, string labelColumn)
    {
        if (examples.Count == 0)
            throw host.Except($"The training data has no rows with a label in column '{labelColumn}'. Give at least two classes with a " +
                "few clips each.");
        int[] seen = [.. examples.Select(e => e.ClassIndex).Distinct()];
        if (seen.Length == 1)
        {
            throw host.Except($"Only one class was found in label column '{labelColumn}': '{labels.Names[seen[0]]}', in all " +
                $"{examples.Count} rows. A classifier needs at least two.");
        }
    }
}
