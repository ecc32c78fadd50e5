// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>Checks and reads the rows of pre-training.</summary>
internal static class PretrainingRows
{
    private const int FewestLabelled = 2;

    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static void Check(IExceptionContext context, SchemaShape schema, VideoMaePretrainingOptions options)
    {
        if (options.ProbeLabelColumnName is string label)
            TrainingRows.CheckSchema(context, schema, label, options.FeatureColumnName);
        else
            ClipColumn.Check(context, schema, options.FeatureColumnName);
        if (options.DisplacementColumn is not string displacement)
            return;
        if (!schema.TryFindColumn(displacement, out SchemaShape.Column column))
            throw context.ExceptSchemaMismatch(nameof(schema), "displacement", displacement);
        if (column.ItemType != NumberDataViewType.Single || column.Kind != SchemaShape.Column.VectorKind.Vector)
            throw context.ExceptSchemaMismatch(
                nameof(schema), "displacement", displacement, "a known-sized vector of Single", column.GetTypeString());
    }

    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="System.InvalidOperationException">A probe is asked for, and there are no labels.</exception>
    public static List<ClipExample> Read(IHost host, IChannel channel, IDataView data, VideoMaePretrainingOptions options)
    {
        Check(host, SchemaShape.Create(data.Schema), options);
        List<ClipExample> rows = TrainingRows.Read(
            host, channel, data, options.ProbeLabelColumnName, options.FeatureColumnName, keepsUnlabelled: true,
            displacementColumn: options.DisplacementColumn);
        int labelled = rows.Count(row => !float.IsNaN(row.Target));
        if (options.ProbeLabelColumnName is not null && labelled < FewestLabelled)
        {
            throw host.Except($"{labelled} rows have a label in column '{options.ProbeLabelColumnName}', and the probe compares at least " +
                $"{FewestLabelled}. Label some, or leave {nameof(options.ProbeLabelColumnName)} null.");
        }

        return rows;
    }
}
