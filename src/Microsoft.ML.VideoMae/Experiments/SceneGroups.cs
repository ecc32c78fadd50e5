// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Similarity;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Finds videos that look alike, where nobody says which belong together: folds that separate them would promise too much.
/// </summary>
/// <remarks>
/// Two videos show one scene where their mean frames, scaled to 16x12, are alike. They are near duplicates where what changes in them is
/// alike too. Scenes make the groups, unless too few are left to divide the classes by: one camera may have seen all.
/// </remarks>
internal static class SceneGroups
{
    private const double SameScene = 0.985;
    private const double SameChange = 0.95;

    /// <summary>The groups, and what they were made by.</summary>
    /// <param name="Names">The group of every row; null for a row that is like no other.</param>
    /// <param name="Kind">What they were made by, for a message.</param>
    /// <param name="Count">The number of groups of two rows or more.</param>
    internal sealed record Found(IReadOnlyList<string?> Names, string Kind, int Count);

    /// <summary>Finds groups.</summary>
    /// <param name="pictures">
    /// What <see cref="VideoPixelFeaturizingTransformer"/> makes of every row, [2, height, width]; null for rows that cannot be read.
    /// </param>
    /// <param name="height">The height of the pictures.</param>
    /// <param name="width">Their width.</param>
    /// <param name="classes">The class of every row.</param>
    /// <param name="folds">Each class needs this many groups.</param>
    public static Found Find(IReadOnlyList<float[]?> pictures, int height, int width, IReadOnlyList<int> classes, int folds)
    {
        float[]?[] scenes = [.. pictures.Select(p => p is null ? null : PictureSignature.Of(p.AsSpan(0, height * width), height, width))];
        float[]?[] changes = [.. pictures.Select(p => p is null ? null : PictureSignature.Of(p.AsSpan(height * width), height, width))];
        bool AreRead(int i, int j) => scenes[i] is not null && scenes[j] is not null;
        string?[] byScene = PictureSignature.Join(
            scenes.Length, (i, j) => AreRead(i, j) && PictureSignature.Correlation(scenes[i], scenes[j]) >= SameScene);
        if (Enumerable.Range(0, classes.Count).GroupBy(i => classes[i])
            .All(c => c.Select(i => byScene[i] ?? $"row {i}").Distinct().Count() >= folds))
            return new Found(byScene, "scene", CountOf(byScene));
        string?[] byContent = PictureSignature.Join(scenes.Length, (i, j) => AreRead(i, j)
            && PictureSignature.Correlation(scenes[i], scenes[j]) >= SameScene
            && PictureSignature.Correlation(changes[i], changes[j]) >= SameChange);
        return new Found(byContent, "near duplicate", CountOf(byContent));
    }

    private static int CountOf(string?[] names) => names.OfType<string>().Distinct().Count();
}
