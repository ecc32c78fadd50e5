// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>The PredictedLabel and Score columns of a multiclass classifier: what is promised and what is delivered.</summary>
internal static class ScoreColumns
{
    /// <summary>The columns an estimator promises for a label column.</summary>
    public static IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label, string predictedLabel, string score)
    {
        var keyValues = new List<SchemaShape.Column>();
        var scoreAnnotations = new List<SchemaShape.Column>
        {
            new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false),
        };
        if (label.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values)
            && values.Kind == SchemaShape.Column.VectorKind.Vector)
        {
            keyValues.Add(values);
            scoreAnnotations.Add(new SchemaShape.Column(
                AnnotationUtils.Kinds.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, values.ItemType, values.IsKey));
        }

        scoreAnnotations.AddRange(AnnotationUtils.GetTrainerOutputAnnotation());
        yield return new SchemaShape.Column(predictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
            new SchemaShape(keyValues));
        yield return new SchemaShape.Column(score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            new SchemaShape(scoreAnnotations));
    }

    /// <summary>The columns a transformer adds to data of the given schema.</summary>
    public static DataViewSchema.DetachedColumn[] Deliver(
        ClassLabels labels, string predictedLabel, string score, DataViewSchema inputSchema)
    {
        var predictedAnnotations = new DataViewSchema.Annotations.Builder();
        labels.AddValues(predictedAnnotations, AnnotationUtils.Kinds.KeyValues);

        var scoreAnnotations = new DataViewSchema.Annotations.Builder();
        labels.AddSlotNames(scoreAnnotations);
        labels.AddValues(scoreAnnotations, AnnotationUtils.Kinds.TrainingLabelValues);
        AddScoreAnnotations(
            scoreAnnotations, inputSchema, AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification,
            AnnotationUtils.Const.ScoreValueKind.Score);

        return
        [
            new(predictedLabel, new KeyDataViewType(typeof(uint), labels.Count), predictedAnnotations.ToAnnotations()),
            new(score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), scoreAnnotations.ToAnnotations()),
        ];
    }

    /// <summary>The columns of a binary classifier: a Boolean, its probability, and the logarithm of its odds.</summary>
    public static DataViewSchema.DetachedColumn[] DeliverBinary(
        string predictedLabel, string probability, string score, DataViewSchema inputSchema)
    {
        DataViewSchema.Annotations Annotations(string valueKind, bool normalized = false)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            AddScoreAnnotations(builder, inputSchema, AnnotationUtils.Const.ScoreColumnKind.BinaryClassification, valueKind);
            if (normalized)
                builder.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
            return builder.ToAnnotations();
        }

        return
        [
            new(predictedLabel, BooleanDataViewType.Instance, Annotations(AnnotationUtils.Const.ScoreValueKind.PredictedLabel)),
            new(probability, NumberDataViewType.Single, Annotations(AnnotationUtils.Const.ScoreValueKind.Probability, normalized: true)),
            new(score, NumberDataViewType.Single, Annotations(AnnotationUtils.Const.ScoreValueKind.Score)),
        ];
    }

    /// <summary>Adds what evaluators know score columns by; columns of one model share the number of their set.</summary>
    public static void AddScoreAnnotations(
        DataViewSchema.Annotations.Builder builder, DataViewSchema inputSchema, string columnKind, string valueKind)
    {
        uint setId = checked(inputSchema.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1);
        builder.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint dst) => dst = setId);
        builder.AddPrimitiveValue(AnnotationUtils.Kinds.ScoreColumnKind, TextDataViewType.Instance, columnKind.AsMemory());
        builder.AddPrimitiveValue(AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance, valueKind.AsMemory());
    }
}
