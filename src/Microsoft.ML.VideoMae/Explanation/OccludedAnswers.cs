// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Explanation;

/// <summary>How the answers of a model are read, compared and named, for what is to be learned.</summary>
/// <param name="Read">The answer of each row.</param>
/// <param name="Difference">How much of the answer to the whole video, the first, is lost in another one.</param>
/// <param name="Name">Gives an answer the names that a schema has for it.</param>
internal sealed record OccludedAnswers(
    Func<IDataView, IEnumerable<float[]>> Read, Func<float[], float[], float> Difference,
    Func<DataViewSchema, float[], IReadOnlyList<KeyValuePair<string, float>>> Name)
{
    private const float Least = 1e-7f;

    /// <summary>Probabilities of classes. What counts is the logarithm of that of the most probable one.</summary>
    /// <param name="column">The vector of probabilities.</param>
    /// <param name="name">Gives probabilities the names that a schema has for them.</param>
    public static OccludedAnswers OfClasses(
        string column, Func<DataViewSchema, float[], IReadOnlyList<KeyValuePair<string, float>>> name) =>
        new(scored => scored.GetColumn<float[]>(column), LossOfBest, name);

    /// <summary>Yes or no, as two classes.</summary>
    /// <param name="column">The logarithm of the odds of yes.</param>
    public static OccludedAnswers OfYesOrNo(string column) => new(
        scored => scored.GetColumn<float>(column).Select(score => 1 / (1 + MathF.Exp(-score))).Select(yes => (float[])[1 - yes, yes]),
        LossOfBest,
        (_, scores) =>
        [
            .. new KeyValuePair<string, float>[] { new(bool.FalseString, scores[0]), new(bool.TrueString, scores[1]) }
                .OrderByDescending(pair => pair.Value),
        ]);

    /// <summary>A number. What counts is how far it moves.</summary>
    /// <param name="column">The number.</param>
    public static OccludedAnswers OfNumbers(string column) => new(
        scored => scored.GetColumn<float>(column).Select(score => (float[])[score]),
        (whole, hidden) => MathF.Abs(whole[0] - hidden[0]), (_, scores) => [new(column, scores[0])]);

    private static float LossOfBest(float[] whole, float[] hidden)
    {
        int best = whole.AsSpan().IndexOf(whole.Max());
        return MathF.Log(MathF.Max(whole[best], Least)) - MathF.Log(MathF.Max(hidden[best], Least));
    }
}
