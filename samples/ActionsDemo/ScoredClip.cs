// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ActionsDemo;

/// <summary>A clip and what was predicted for it.</summary>
/// <param name="VideoPath">The clip.</param>
/// <param name="Label">Its class.</param>
/// <param name="Scores">All classes and their probabilities, the most probable first.</param>
internal sealed record ScoredClip(string VideoPath, string Label, IReadOnlyList<KeyValuePair<string, float>> Scores)
{
    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    /// <summary>Whether the most probable class is the right one.</summary>
    public bool IsRight => Scores[0].Key == Label;

    /// <param name="ml">The context.</param>
    /// <param name="scored">The scored data, in which labels are keys.</param>
    /// <param name="data">The data that was scored, in which they are names.</param>
    public static ScoredClip[] Read(MLContext ml, IDataView scored, IDataView data) =>
        [.. ml.Data.CreateEnumerable<Row>(scored, reuseRowObject: false)
            .Zip(data.GetColumn<string>("Label"),
                (row, label) => new ScoredClip(row.VideoPath, label, scored.Schema.GetTopScores(row.Score)))];
}
