// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
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
        if (!schema.TryFindColumn(videoColumn, out SchemaShape.Column video))
            throw context.ExceptSchemaMismatch(nameof(schema), "video", videoColumn);
        if (video.ItemType is not VideoDataViewType || video.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw context.ExceptSchemaMismatch(nameof(schema), "video", videoColumn, VideoColumnRequirement.Expected, video.GetTypeString());

        if (!schema.TryFindColumn(labelColumn, out SchemaShape.Column label))
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn);
        if (!label.IsKey || !NumberDataViewType.UInt32.Equals(label.ItemType) || label.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw context.ExceptSchemaMismatch(nameof(schema), "label", labelColumn,
                "Key<UInt32> (mlContext.Transforms.Conversion.MapValueToKey makes such a column)", label.GetTypeString());
        }
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="host">Gets the errors, and is asked whether to go on.</param>
    /// <param name="channel">Gets a warning where rows have no label.</param>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumn">A key column.</param>
    /// <param name="videoColumn">A Video column.</param>
    public static List<ClipExample> Read(IHost host, IChannel channel, IDataView data, string labelColumn, string videoColumn)
    {
        var examples = new List<ClipExample>();
        int unlabelled = 0;
        DataViewSchema.Column label = data.Schema[labelColumn];
        DataViewSchema.Column video = data.Schema[videoColumn];
        using DataViewRowCursor cursor = data.GetRowCursor([label, video]);
        ValueGetter<uint> getLabel = cursor.GetGetter<uint>(label);
        ValueGetter<MLVideo> getVideo = cursor.GetGetter<MLVideo>(video);
        while (cursor.MoveNext())
        {
            host.CheckAlive();
            uint key = 0;
            getLabel(ref key);
            if (key == 0)
            {
                unlabelled++;
                continue;
            }

            MLVideo clip = null!;
            getVideo(ref clip);
            examples.Add(new ClipExample(clip, (int)key - 1));
        }

        if (unlabelled > 0)
            channel.Warning($"{unlabelled} of {unlabelled + examples.Count} rows have no label in column '{labelColumn}' and are not used.");
        return examples;
    }

    /// <summary>Checks that there is something to learn.</summary>
    /// <exception cref="InvalidOperationException">There are no rows, or all are of one class.</exception>
    public static void CheckClasses(IHost host, IReadOnlyList<ClipExample> examples, ClassLabels labels, string labelColumn)
    {
        if (examples.Count == 0)
            throw host.Except($"The training data has no rows with a label in column '{labelColumn}'. Give at least two classes with a few clips each.");
        int[] seen = [.. examples.Select(e => e.ClassIndex).Distinct()];
        if (seen.Length == 1)
        {
            throw host.Except($"Only one class was found in label column '{labelColumn}': '{labels.Names[seen[0]]}', in all " +
                $"{examples.Count} rows. A classifier needs at least two.");
        }
    }
}
