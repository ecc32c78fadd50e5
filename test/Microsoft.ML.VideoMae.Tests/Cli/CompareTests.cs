// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Comparing;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary><c>videomae compare</c>, and the page of near duplicates of <c>validate</c>.</summary>
[TestClass]
public sealed class CompareTests
{
    [TestMethod]
    public async Task Runs_AreCompared_OnTheSameVideos()
    {
        string folder = TestClips.NewFolder(), page = Path.Combine(folder, "compare.html");
        string[] paths = [.. Enumerable.Range(1, 6).Select(i => TestClips.Clip("red", i))];
        ClipResult Clip(int i, bool isRight, double sure) => new(paths[i], "red", isRight ? "red" : "blue", sure, isRight ? sure : 1 - sure);
        Write(folder, "a.json", [Clip(0, true, 0.9), Clip(1, true, 0.9), Clip(2, false, 0.8), Clip(3, false, 0.7), Clip(4, false, 0.6)]);
        Write(folder, "b.json", [Clip(0, true, 0.9), Clip(1, false, 0.9), Clip(2, true, 0.8), Clip(3, true, 0.7), Clip(5, true, 0.6)]);
        (int code, string output, string errors) = Tool.Run(
            "compare", Path.Combine(folder, "a.json"), Path.Combine(folder, "b.json"), "--page", page);
        Assert.AreEqual(0, code, errors);
        StringAssert.Contains(output, "4 videos are in both runs. a.json: accuracy 0.500. b.json: accuracy 0.750.");
        StringAssert.Contains(output, "The difference is +0.250, from -0.");
        StringAssert.Contains(output, "which is better is not settled");
        StringAssert.Contains(output, "2 videos got right, 1 got wrong");
        StringAssert.Contains(output, "1 videos that only a.json was measured on, and 1 that only b.json was");
        StringAssert.Contains(output, $"wrong now: '{paths[1]}' (red): red 0.90, then blue 0.90");

        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage opened = await chromium.NewPageAsync();
        await opened.GotoAsync(new Uri(page).AbsoluteUri);
        Assert.AreEqual(1, await opened.Locator("#worse .strip:not(.none)").CountAsync());
        Assert.AreEqual(2, await opened.Locator("#better .strip:not(.none)").CountAsync());
        await opened.Locator("#pause").ClickAsync();
        Assert.AreEqual("Play clips", await opened.Locator("#pause").TextContentAsync());
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void ARun_OfTrain_IsTheSameAsItself()
    {
        string run = Path.GetDirectoryName(Tool.Classifier)!;
        (int code, string output, string errors) = Tool.Run("compare", run, run, "--json");
        Assert.AreEqual(0, code, errors);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.AreEqual(2 * TestClips.ClipsPerClass, json.GetProperty("videos").GetInt32());
        Assert.AreEqual(0, json.GetProperty("accuracyDifference").GetDouble());
        Assert.AreEqual(0, json.GetProperty("worse").GetArrayLength());
    }

    [TestMethod]
    public void BadInput_IsALine()
    {
        string folder = TestClips.NewFolder();
        Write(folder, "a.json", [new ClipResult("x.mp4", "red", "red", 0.9, 0.9)]);
        Write(folder, "b.json", [new ClipResult("y.mp4", "red", "red", 0.9, 0.9)]);
        Write(folder, "c.json", [new ClipResult("x.mp4", "blue", "red", 0.9, 0.1)]);
        File.WriteAllText(Path.Combine(folder, "old.json"), "{ \"accuracy\": 0.5 }");
        void Says(string expected, string a, string b)
        {
            (int code, _, string errors) = Tool.Run("compare", Path.Combine(folder, a), Path.Combine(folder, b));
            Assert.AreEqual(1, code);
            StringAssert.Contains(errors, expected);
        }

        Says("There is no run", "a.json", "none");
        Says("does not say what became of single videos", "a.json", "old.json");
        Says("No video is in both runs", "a.json", "b.json");
        Says("were not measured by the same labels", "a.json", "c.json");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public async Task NearDuplicates_AreShownSideBySide()
    {
        // A clip with something in it, and a copy in the other part.
        using var folder = new DataSetFolder();
        string train = Path.Combine(folder.Path, "train", "walk"), test = Path.Combine(folder.Path, "test", "walk");
        Directory.CreateDirectory(train);
        Directory.CreateDirectory(test);
        TestClips.Ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=2", "-pix_fmt", "yuv420p", Path.Combine(train, "a.mp4"));
        TestClips.Ffmpeg("-i", Path.Combine(train, "a.mp4"), "-vf", "hflip", "-crf", "28", Path.Combine(test, "b.mp4"));
        string page = Path.Combine(folder.Path, "pairs.html");
        (int code, string output, string errors) = Tool.Run("validate", "--dataset", folder.Path, "--page", page);
        Assert.AreEqual(3, code, errors);
        StringAssert.Contains(output, "Nearly the same, mirrored:");
        StringAssert.Contains(output, "They are in test and train: results are too good.");
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage opened = await chromium.NewPageAsync(colours: ColorScheme.Dark);
        await opened.GotoAsync(new Uri(page).AbsoluteUri);
        Assert.AreEqual(2, await opened.Locator("#leaks .strip:not(.none)").CountAsync(), "a pair");
        StringAssert.Contains(await opened.Locator("#leaks h3").TextContentAsync(), "mirrored");
        Assert.AreEqual(0, await opened.Locator("#labels").CountAsync());
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
        (code, output, _) = Tool.Run("validate", "--dataset", folder.Path, "--no-near-duplicates");
        Assert.AreEqual(0, code, output);
    }

    private static void Write(string folder, string name, ClipResult[] clips) =>
        File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(new { data = "test", clips }, VideoMaeCli.Json.Options));
}
