// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>Gives scores their class names.</summary>
internal static class TopScores
{
    public static IReadOnlyList<KeyValuePair<string, float>> Get(
        DataViewSchema schema, IReadOnlyList<float> scores, int? count, string scoreColumnName)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(scores);
        if (schema.GetColumnOrNull(scoreColumnName) is not DataViewSchema.Column column)
        {
            throw new ArgumentException(
                $"There is no column '{scoreColumnName}'; the columns are {string.Join(", ", schema.Select(c => c.Name))}.",
                nameof(scoreColumnName));
        }

        if (!column.HasSlotNames())
            throw new ArgumentException($"Column '{scoreColumnName}' has no slot names to take class names from.", nameof(scoreColumnName));
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        if (names.Length != scores.Count)
            throw new ArgumentException($"{scores.Count} scores were given, but column '{scoreColumnName}' has {names.Length} classes.",
                nameof(scores));
        return Rank([.. names.DenseValues().Select(name => name.ToString())], scores, count);
    }

    /// <summary>Pairs names with scores, the highest score first.</summary>
    public static IReadOnlyList<KeyValuePair<string, float>> Rank(IReadOnlyList<string> names, IReadOnlyList<float> scores, int? count) =>
        [.. names.Select((name, i) => KeyValuePair.Create(name, scores[i])).OrderByDescending(pair => pair.Value)
            .Take(count ?? names.Count)];
}
