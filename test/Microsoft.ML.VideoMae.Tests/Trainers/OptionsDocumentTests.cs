// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>The tables of options in docs/ have every option of the trainers they are for, once, and nothing else.</summary>
[TestClass]
public sealed class OptionsDocumentTests
{
    private static readonly Type[] s_fineTuning =
    [typeof(VideoMaeTrainer.Options), typeof(VideoMaeBinaryTrainer.Options), typeof(VideoMaeRegressionTrainer.Options)];
    private static readonly Type[] s_pretraining = [typeof(VideoMaePretrainingEstimator.Options), typeof(VideoMaeAnomalyTrainer.Options)];

    [TestMethod]
    public void FineTuning_EveryOptionStandsInTheTable() =>
        CheckTable("fine-tuning.md", "## Every option, beside the original's", s_fineTuning);

    [TestMethod]
    public void Pretraining_EveryOptionStandsInTheTable() => CheckTable("pretraining.md", "## Options", s_pretraining);

    /// <summary>Numbers and names of columns stand in the tables as they are; the rest stands there in words.</summary>
    [TestMethod]
    [DataRow("fine-tuning.md", "## Every option, beside the original's", typeof(VideoMaeTrainer.Options), 20)]
    [DataRow("pretraining.md", "## Options", typeof(VideoMaePretrainingEstimator.Options), 12)]
    public void Defaults_AreThoseOfTheTables(string document, string heading, Type type, int fewest)
    {
        Dictionary<string, object?> defaults = VideoMaeOption.Of(type).ToDictionary(option => option.Name, option => option.DefaultValue);
        int compared = 0;
        foreach (string[] cells in RowsOf(document, heading).Select(line => line.Split('|')))
        {
            string[] names = NamesIn(cells[1]), values = cells[2].Split([',', ';'], StringSplitOptions.TrimEntries);
            for (int i = 0; i < names.Length && names.Length <= values.Length; i++)
            {
                if (defaults.GetValueOrDefault(names[i]) is not object value
                    || (value is not (int or float) && !names[i].EndsWith("ColumnName", StringComparison.Ordinal)))
                    continue;
                compared++;
                string text = values[i].Split(' ', ':')[0];
                double Number(string part) => double.Parse(part, System.Globalization.CultureInfo.InvariantCulture);
                if (value is string name)
                    Assert.AreEqual(name, text, names[i]);
                else
                    Assert.AreEqual(Convert.ToDouble(value),
                        text.Split('/') is [string upper, string lower] ? Number(upper) / Number(lower) : Number(text), 1e-6, names[i]);
            }
        }

        Assert.IsGreaterThanOrEqualTo(fewest, compared);
    }

    private static void CheckTable(string document, string heading, Type[] types)
    {
        string[] expected = [.. types.SelectMany(VideoMaeOption.Of).Select(option => option.Name).Distinct().Order()];
        string[] actual = [.. OptionsIn(document, heading).Order()];
        Assert.IsNotEmpty(actual, $"docs/{document} has no table of options below '{heading}'.");
        string[] missing = [.. expected.Except(actual)], unknown = [.. actual.Except(expected)];
        Assert.IsEmpty(missing, $"docs/{document}, '{heading}' lacks {string.Join(", ", missing)}.");
        Assert.IsEmpty(unknown, $"docs/{document}, '{heading}' has what is no option: {string.Join(", ", unknown)}.");
        Assert.HasCount(expected.Length, actual, $"docs/{document}, '{heading}' names an option twice.");
    }

    /// <summary>The names in the first column of the first table below a heading.</summary>
    private static string[] OptionsIn(string document, string heading) =>
        [.. RowsOf(document, heading).SelectMany(line => NamesIn(line.Split('|')[1]))];

    private static string[] NamesIn(string cell) => [.. Regex.Matches(cell, "`(\\w+)`").Select(match => match.Groups[1].Value)];

    private static IEnumerable<string> RowsOf(string document, string heading) =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "../../../../../docs", document))
            .SkipWhile(line => line != heading).SkipWhile(line => !line.StartsWith("| option |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|')).Skip(2);
}
