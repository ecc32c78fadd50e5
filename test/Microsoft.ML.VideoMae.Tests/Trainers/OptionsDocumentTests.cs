// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>The tables of options in docs/ have every option of the trainers they are for, once, and nothing else.</summary>
[TestClass]
public sealed class OptionsDocumentTests
{
    private static readonly Type[] s_fineTuning = [typeof(VideoMaeTrainer.Options), typeof(VideoMaeBinaryTrainer.Options), typeof(VideoMaeRegressionTrainer.Options)];
    private static readonly Type[] s_pretraining = [typeof(VideoMaePretrainingEstimator.Options), typeof(VideoMaeAnomalyTrainer.Options)];

    [TestMethod]
    public void FineTuning_EveryOptionStandsInTheTable() => CheckTable("fine-tuning.md", "## Every option, beside the original's", s_fineTuning);

    [TestMethod]
    public void Pretraining_EveryOptionStandsInTheTable() => CheckTable("pretraining.md", "## Options", s_pretraining);

    private static void CheckTable(string document, string heading, Type[] types)
    {
        string[] expected = [.. types.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Instance)).Select(field => field.Name).Distinct().Order()];
        string[] actual = [.. OptionsIn(document, heading).Order()];
        Assert.IsNotEmpty(actual, $"docs/{document} has no table of options below '{heading}'.");
        string[] missing = [.. expected.Except(actual)], unknown = [.. actual.Except(expected)];
        Assert.IsEmpty(missing, $"docs/{document}, '{heading}' lacks {string.Join(", ", missing)}.");
        Assert.IsEmpty(unknown, $"docs/{document}, '{heading}' has what is no option: {string.Join(", ", unknown)}.");
        Assert.HasCount(expected.Length, actual, $"docs/{document}, '{heading}' names an option twice.");
    }

    /// <summary>The names in the first column of the first table below a heading.</summary>
    private static string[] OptionsIn(string document, string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "../../../../../docs", document));
        return [.. lines.SkipWhile(line => line != heading).SkipWhile(line => !line.StartsWith("| option |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|')).Skip(2)
            .SelectMany(line => Regex.Matches(line.Split('|')[1], "`(\\w+)`")).Select(match => match.Groups[1].Value)];
    }
}
