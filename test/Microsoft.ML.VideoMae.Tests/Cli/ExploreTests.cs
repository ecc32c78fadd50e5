// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary><c>videomae train</c> where it looks for the best of several models.</summary>
[TestClass]
public sealed class ExploreTests
{
    private static readonly Lazy<string> s_folder = new(Train);

    [TestMethod]
    public void Train_WritesModelAndMetrics_AndTheModelPredicts()
    {
        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder.Value, "metrics.json"))).RootElement;
        Assert.AreEqual("test", metrics.GetProperty("data").GetString());
        Assert.AreEqual(1, metrics.GetProperty("accuracy").GetDouble(), 1e-9);
        JsonElement[] trials = [.. metrics.GetProperty("trials").EnumerateArray()];
        CollectionAssert.IsSubsetOf(
            (string[])["pixels", "motion"], trials.Select(t => t.GetProperty("name").GetString()).ToArray());
        Assert.AreEqual(1, trials.Count(t => t.GetProperty("isBest").GetBoolean()));
        Assert.IsNotEmpty(metrics.GetProperty("findings").EnumerateArray().ToArray());

        string zip = Path.Combine(s_folder.Value, "best.zip");
        string[] predicted = Tool.Run("predict", zip, TestClips.Animations + "/red").Output.Trim().Split('\n');
        Assert.IsTrue(predicted.Skip(1).All(line => line.Contains(",red,", StringComparison.Ordinal)), string.Join('\n', predicted));
        Assert.Contains("blue, red", Tool.Run("inspect", zip).Output);
        string png = Path.Combine(s_folder.Value, "rests.png");
        (int code, string said, string errors) = Tool.Run("explain", zip, TestClips.Animation("red", 1), "--output", png);
        Assert.AreEqual(0, code, errors);
        Assert.EndsWith("red", said.Split('\n')[0].Trim());
        Assert.IsTrue(File.Exists(png));
        Assert.Contains("holds no transformer", Tool.Run(
            "explain", zip, TestClips.Animation("red", 1), "--output", png, "--method", "attention").Errors);
        Assert.Contains("1.000", Tool.Run("evaluate", zip, "--dataset", TestClips.Animations).Output);
    }

    [TestMethod]
    public void Train_MbConfig_LooksAgain()
    {
        string again = Directory.CreateDirectory(Path.Combine(Tool.Folder, "explored-again")).FullName;
        string config = Path.Combine(again, "best.mbconfig");
        File.Copy(Path.Combine(s_folder.Value, "best.mbconfig"), config);
        (int code, string output, string errors) = Tool.Run("train", config);
        Assert.AreEqual(0, code, errors);
        Assert.Contains("* is taken", output);
        Assert.Contains("On the test videos", output);
    }

    [TestMethod]
    public void Train_SettingsOfASingleRun_TrainOne()
    {
        (int code, string output, string errors) = Tool.Run("train", "--dataset", TestClips.Animations, "--train-time", "5", "--epochs", "1");
        Assert.AreNotEqual(0, code);
        Assert.Contains("--train-time tries several models, and --epochs belongs to a run", errors);
        (code, _, errors) = Tool.Run("train", "--dataset", TestClips.Animations, "--train-time", "0");
        Assert.AreNotEqual(0, code);
        Assert.Contains("--train-time is 0", errors);
    }

    [TestMethod]
    public async Task Report_ShowsWhatWasTried_WithoutComplaints()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(new Uri(Path.Combine(s_folder.Value, "report.html")).AbsoluteUri);
        Assert.AreEqual(1, await page.Locator("section#trials").CountAsync());
        Assert.Contains("(taken)", await page.Locator("#trials table").TextContentAsync() ?? "");
        Assert.AreEqual(0, await page.Locator("section#curves").CountAsync(), "no epochs");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public void Models_ListsCheckpoints_WithLicence()
    {
        string output = Tool.Run("models").Output;
        Assert.Contains("MCG-NJU/videomae-base-finetuned-kinetics", output);
        Assert.Contains("CC BY-NC 4.0", output);
        using JsonDocument json = JsonDocument.Parse(Tool.Run("models", "--json").Output);
        Assert.IsTrue(json.RootElement.EnumerateArray().All(m => m.GetProperty("licence").GetString() == "CC BY-NC 4.0"));
    }

    /// <summary>A quarter of a minute is enough for plain features of 12 clips; what does not fit is said.</summary>
    private static string Train()
    {
        string folder = Path.Combine(Tool.Folder, "explored");
        (int code, string output, string errors) = Tool.Run(
            "train", "--dataset", TestClips.Animations, "--test-dataset", TestClips.Animations, "--train-time", "15", "--name", "best",
            "--output", folder, "--pretrained-model", "none", "--seed", "1");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("* is taken", output);
        return folder;
    }
}
