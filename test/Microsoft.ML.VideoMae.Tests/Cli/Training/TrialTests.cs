// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Spectre.Console;
using VideoMaeCli;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli.Training;

/// <summary>The table of what a search has tried, on a terminal of 80 columns.</summary>
[TestClass]
public sealed class TrialTests
{
    private const int Width = 80;

    private static Trial Of(string name, double scale) => new(
        name, "a description", "", IsBest: true, 1.234 * scale, 0.567 * scale, 0.987, 0.876, 700, 1234 * scale, 123.4 * scale,
        (long)(123.4 * scale * 1048576), NotScored: null)
    {
        RSquared = -0.123 * scale,
        RootMeanSquaredError = 1.234e5 * scale,
        MeanAbsoluteError = 1.123e-5 * scale,
    };

    [TestMethod]
    [DataRow(nameof(VideoTask.Classification), 1)]
    [DataRow(nameof(VideoTask.Classification), 10)]
    [DataRow(nameof(VideoTask.BinaryClassification), 10)]
    [DataRow(nameof(VideoTask.Regression), 1)]
    [DataRow(nameof(VideoTask.Regression), 10)]
    public void Table_Of80Columns_KeepsEveryNumberInOneLine(string taskName, int scale)
    {
        VideoTask task = Enum.Parse<VideoTask>(taskName);
        const string Long = "VideoMAE cells + motion + VideoMAE mean";
        Trial[] trials = [Of("pixels", scale), Of(Long, scale), Of("image features + VideoMAE cells + VideoMAE", scale)];
        string[] numbers = task != VideoTask.Regression
            ? scale == 1 ? ["1.234 +-0.567", "0.987", "1234", "123.4", "123.4"] : ["12.340 +-5.670", "0.987", "12340", "1234.0", "1234.0"]
            : scale == 1 ? ["-0.123", "1.234E+05", "1.123E-05", "1234", "123.4", "123.4"]
            : ["-1.230", "1.234E+06", "0.0001123", "12340", "1234.0", "1234.0"];
        foreach (TableBorder border in (TableBorder[])[TableBorder.Rounded, TableBorder.Ascii2])
        {
            string[] lines = Written(Trial.TableOf(trials, task, border));
            string text = string.Join('\n', lines);
            Assert.IsTrue(lines.All(l => l.Length <= Width), text);
            string[][] cells = [.. lines.Select(l => l.Split('|', '│')).Where(c => c.Length > 2)
                .Select(c => c[1..^1].Select(x => x.Trim()).ToArray())];
            string[][] withNumbers = [.. cells.Where(c => c[^1].Length > 0 && char.IsDigit(c[^1][0]))];
            Assert.HasCount(trials.Length, withNumbers, text);
            foreach (string[] row in withNumbers)
                CollectionAssert.AreEqual(numbers, row[1..], text);
            // Names are whole, in as many lines as they need.
            Assert.Contains($"* {Long}", string.Join(' ', cells.Select(c => c[0]).Where(c => c.Length > 0)), text);
            foreach (string head in (string[])["seconds", "videos/s", "MB"])
                Assert.IsTrue(cells.Any(c => c.Contains(head)), text);
        }
    }

    [TestMethod]
    public void Table_OfAWideTerminal_KeepsNamesInOneLine() => Assert.IsTrue(
        Written(Trial.TableOf([Of("VideoMAE cells + motion + VideoMAE mean", 1)], VideoTask.Classification, TableBorder.Rounded), 120)
            .Any(l => l.Contains("* VideoMAE cells + motion + VideoMAE mean", StringComparison.Ordinal)));

    private static string[] Written(Table table, int width = Width)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return writer.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
