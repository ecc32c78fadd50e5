// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

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
    private const int Side = 4;
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
        float[]?[] scenes = [.. pictures.Select(p => p is null ? null : Signature(p.AsSpan(0, height * width), height, width))];
        float[]?[] changes = [.. pictures.Select(p => p is null ? null : Signature(p.AsSpan(height * width), height, width))];
        string?[] byScene = Join(scenes, (i, j) => Correlation(scenes[i]!, scenes[j]!) >= SameScene);
        if (Enumerable.Range(0, classes.Count).GroupBy(i => classes[i])
            .All(c => c.Select(i => byScene[i] ?? $"row {i}").Distinct().Count() >= folds))
            return new Found(byScene, "scene", CountOf(byScene));
        string?[] byContent = Join(scenes, (i, j) =>
            Correlation(scenes[i]!, scenes[j]!) >= SameScene && Correlation(changes[i]!, changes[j]!) >= SameChange);
        return new Found(byContent, "near duplicate", CountOf(byContent));
    }

    private static int CountOf(string?[] names) => names.OfType<string>().Distinct().Count();

    /// <summary>Rows that are joined by a chain of pairs have one group.</summary>
    private static string?[] Join(float[]?[] signatures, Func<int, int, bool> isPair)
    {
        int[] parents = [.. Enumerable.Range(0, signatures.Length)];
        int Root(int i)
        {
            while (parents[i] != i)
                i = parents[i] = parents[parents[i]];
            return i;
        }

        for (int i = 0; i < signatures.Length; i++)
        {
            for (int j = 0; j < i && signatures[i] is not null; j++)
            {
                if (signatures[j] is not null && Root(i) != Root(j) && isPair(i, j))
                    parents[Root(i)] = Root(j);
            }
        }

        int[] roots = [.. parents.Select((_, i) => Root(i))];
        HashSet<int> shared = [.. roots.GroupBy(r => r).Where(g => g.Count() > 1).Select(g => g.Key)];
        return [.. roots.Select(r => shared.Contains(r) ? r.ToString(CultureInfo.InvariantCulture) : null)];
    }

    /// <summary>A picture in small, less its mean, with length 1: brightness and contrast do not matter.</summary>
    private static float[] Signature(ReadOnlySpan<float> picture, int height, int width)
    {
        int rows = height / Side, columns = width / Side;
        var small = new float[rows * columns];
        for (int y = 0; y < rows * Side; y++)
        {
            for (int x = 0; x < columns * Side; x++)
                small[((y / Side) * columns) + (x / Side)] += picture[(y * width) + x];
        }

        float mean = small.Average();
        double length = Math.Sqrt(small.Sum(v => (double)(v - mean) * (v - mean)));
        return [.. small.Select(v => length == 0 ? 0 : (float)((v - mean) / length))];
    }

    private static float Correlation(float[] one, float[] other) =>
        System.Numerics.Tensors.TensorPrimitives.Dot<float>(one, other);
}
