// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

[TestClass]
public sealed class WatchStreamTests
{
    private const string TwoSecondsOfEach =
        "color=blue:size=64x48:rate=8:duration=2[a];color=red:size=64x48:rate=8:duration=2[b];[a][b]concat,noise=alls=40:all_seed=1:allf=t";

    [TestMethod]
    public async Task Stream_IsCalledBlueThenRed_WhileItRuns()
    {
        // -re: as fast as a camera would give them.
        using Process process = SampleProgram.Start("WatchStream", SampleModel.Zip, "--", "-re", "-f", "lavfi", "-i", TwoSecondsOfEach);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var lines = new System.Collections.Generic.List<(string Text, TimeSpan At)>();
        var clock = Stopwatch.StartNew();
        while (await process.StandardOutput.ReadLineAsync() is string line)
            lines.Add((line, clock.Elapsed));
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await errors);

        (double Time, string Label, TimeSpan At)[] predictions =
        [
            .. lines
                .Select(line => (Match: Regex.Match(line.Text, @"^ +(\d+\.\d)  (\w+) \d\.\d\d .* ms after its last frame$"), line.At))
                .Where(line => line.Match.Success)
                .Select(line =>
                    (double.Parse(line.Match.Groups[1].Value, CultureInfo.InvariantCulture), line.Match.Groups[2].Value, line.At))];
        // Windows of a second that end at 1, 1.5, ... 4 seconds, unless the machine was too slow for some.
        Assert.IsGreaterThan(2, predictions.Length, string.Join('\n', lines));
        CollectionAssert.AreEqual(predictions.Select(p => p.Time).Order().ToArray(), predictions.Select(p => p.Time).ToArray());
        foreach ((double time, string label, _) in predictions.Where(p => p.Time is <= 2 or >= 3))
            Assert.AreEqual(time <= 2 ? "blue" : "red", label, $"at {time}: {string.Join('\n', lines)}");
        Assert.AreEqual("red", predictions[^1].Label);
        Assert.IsGreaterThan(
            TimeSpan.FromSeconds((predictions[^1].Time - predictions[0].Time) / 2), predictions[^1].At - predictions[0].At,
            "printed as time goes on, not at the end");
        StringAssert.Matches(lines[^1].Text, new Regex(@"^\d+ predictions, \d+ windows left out; latency \d+ ms on average"));
    }

    [TestMethod]
    public void StreamThatCannotBeRead_IsOneLine()
    {
        (int code, _, string errors) = SampleProgram.TryRun("WatchStream", SampleModel.Zip, Path.GetFullPath("nowhere.mp4"));
        Assert.AreEqual(1, code);
        Assert.Contains("nowhere.mp4: No such file", errors);
        Assert.DoesNotContain("   at ", errors, "no stack trace");
    }
}
