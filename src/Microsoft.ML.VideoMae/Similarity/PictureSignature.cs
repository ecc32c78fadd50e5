// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics.Tensors;

namespace Microsoft.ML.VideoMae.Similarity;

/// <summary>Perceptual hashes of pictures: in small, less their mean, with length 1. Brightness and contrast do not matter.</summary>
internal static class PictureSignature
{
    private const int Side = 4;

    /// <summary>A picture in quarters of its sides, [height / 4, width / 4].</summary>
    /// <param name="picture">[height, width].</param>
    /// <param name="height">Its height.</param>
    /// <param name="width">Its width.</param>
    public static float[] Of(ReadOnlySpan<float> picture, int height, int width)
    {
        int rows = height / Side, columns = width / Side;
        var small = new float[rows * columns];
        for (int y = 0; y < rows * Side; y++)
        {
            for (int x = 0; x < columns * Side; x++)
                small[((y / Side) * columns) + (x / Side)] += picture[(y * width) + x];
        }

        return Normalised(small);
    }

    /// <summary>Numbers less their mean, with length 1; 0 where all are alike.</summary>
    public static float[] Normalised(float[] numbers)
    {
        float mean = numbers.Average();
        double length = Math.Sqrt(numbers.Sum(v => (double)(v - mean) * (v - mean)));
        return [.. numbers.Select(v => length == 0 ? 0 : (float)((v - mean) / length))];
    }

    /// <summary>How alike two are: 1 at most.</summary>
    public static float Correlation(ReadOnlySpan<float> one, ReadOnlySpan<float> other) => TensorPrimitives.Dot(one, other);

    /// <summary>Rows that are joined by a chain of pairs have one group; null for a row that is in no pair.</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="isPair">Whether two rows are a pair.</param>
    public static string?[] Join(int count, Func<int, int, bool> isPair)
    {
        var groups = new Groups(count);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!groups.AreOne(i, j) && isPair(i, j))
                    groups.Join(i, j);
            }
        }

        return groups.Names();
    }

    /// <summary>The same of pairs that are known.</summary>
    public static string?[] Join(int count, IEnumerable<(int First, int Second)> pairs)
    {
        var groups = new Groups(count);
        foreach ((int first, int second) in pairs)
            groups.Join(first, second);
        return groups.Names();
    }

    /// <summary>Rows, each of which points to another one of its group.</summary>
    private sealed class Groups(int count)
    {
        private readonly int[] _parents = [.. Enumerable.Range(0, count)];

        public bool AreOne(int i, int j) => Root(i) == Root(j);

        public void Join(int i, int j) => _parents[Root(i)] = Root(j);

        public string?[] Names()
        {
            int[] roots = [.. Enumerable.Range(0, _parents.Length).Select(Root)];
            HashSet<int> shared = [.. roots.GroupBy(r => r).Where(g => g.Count() > 1).Select(g => g.Key)];
            return [.. roots.Select(r => shared.Contains(r) ? r.ToString(CultureInfo.InvariantCulture) : null)];
        }

        private int Root(int i)
        {
            while (_parents[i] != i)
                i = _parents[i] = _parents[_parents[i]];
            return i;
        }
    }
}
