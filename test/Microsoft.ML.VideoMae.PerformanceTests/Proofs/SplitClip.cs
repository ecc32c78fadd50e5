// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>A clip of a data set with a split.csv.</summary>
/// <param name="Path">The video file.</param>
/// <param name="Label">The class.</param>
/// <param name="IsTest">Which side of the split it is on.</param>
/// <param name="Group">Clips of one group belong on one side.</param>
internal sealed record SplitClip(string Path, string Label, bool IsTest, string Group)
{
    /// <summary>Reads the split.csv of a data set folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="filter">A column and the value that rows need to have there, or null.</param>
    /// <param name="holdout">Groups of the training rows to test on instead of the test rows, or null.</param>
    /// <param name="split">The column that says which side a clip is on.</param>
    /// <param name="group">The column that says which clips belong together.</param>
    public static SplitClip[] Read(
        string folder, (string Column, string Value)? filter = null, string[]? holdout = null, string split = "split",
        string group = "group")
    {
        SplitClip[] clips = ReadAll(folder, filter, split, group);
        return holdout is null ? clips : [.. clips.Where(c => !c.IsTest).Select(c => c with { IsTest = holdout.Contains(c.Group) })];
    }

    /// <summary>The training rows of a data set, with a share of their groups to test on.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fold">K/N: part K, from 0, of N.</param>
    public static SplitClip[] ReadFold(string folder, string fold)
    {
        int[] numbers = [.. fold.Split('/').Select(int.Parse)];
        SplitClip[] training = [.. ReadAll(folder, filter: null).Where(c => !c.IsTest)];
        string[] groups = [.. training.Select(c => c.Group).Distinct().Order(StringComparer.Ordinal)];
        new Random(1).Shuffle(groups);
        HashSet<string> tested = [.. groups.Where((_, i) => i % numbers[1] == numbers[0])];
        return [.. training.Select(c => c with { IsTest = tested.Contains(c.Group) })];
    }

    private static SplitClip[] ReadAll(string folder, (string Column, string Value)? filter, string split = "split", string group = "group")
    {
        string[][] rows = [.. File.ReadLines(SplitFile(folder)).Select(line => line.Split(','))];
        Dictionary<string, int> columns = rows[0].Select((name, index) => (name, index)).ToDictionary(c => c.name, c => c.index);
        return [.. rows.Skip(1)
            .Where(r => filter is null || r[columns[filter.Value.Column]] == filter.Value.Value)
            .Select(r => new SplitClip(System.IO.Path.Combine(folder, r[columns["path"]]), r[columns["label"]],
                r[columns[split]] == "test", r[columns[group]]))];
    }

    private static string SplitFile(string folder)
    {
        string path = System.IO.Path.Combine(folder, "split.csv");
        return File.Exists(path) ? path : throw new FileNotFoundException($"The data set folder '{folder}' has no split.csv.", path);
    }
}
