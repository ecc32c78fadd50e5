// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.ML.VideoMae.Tests.Timelines;
using Microsoft.ML.VideoMae.Tests.Video.Live;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Timeline;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary><c>videomae timeline</c> with live inputs.</summary>
[TestClass]
public sealed class LiveTimelineToolTests
{
    [TestMethod]
    public void RawFramesThroughAPipe_GiveWhatTheirFileGives()
    {
        string folder = Path.Combine(Tool.Folder, "raw"), file = Path.Combine(Tool.Folder, "raw.mp4");
        File.Copy(Recording.ColoursFile, file, overwrite: true);
        (int code, string expected, string errors) = Tool.Run("timeline", Tool.Classifier, file, "--stride", "250ms", "--output", folder);
        Assert.AreEqual(0, code, errors);
        VideoFrames frames = new VideoReader().ReadAll(MLVideo.CreateFromFile(file));
        using Process tool = Tool.Start(null, "timeline", Tool.Classifier, "-", "--input-size", "32x24", "--input-rate", "8", "--stride",
            "250ms", "--output", folder);
        Task<string> output = tool.StandardOutput.ReadToEndAsync(), error = tool.StandardError.ReadToEndAsync();
        using (Stream pipe = tool.StandardInput.BaseStream)
            pipe.Write(frames.Pixels.Span);
        tool.WaitForExit();
        Assert.AreEqual(0, tool.ExitCode, error.Result);
        string Plain(string text) => text.Replace(file, "standard input");
        Assert.AreEqual(Plain(expected), output.Result, error.Result);
        string name = Directory.GetFiles(folder, "standard-input-*.segments.csv").Single()[..^".segments.csv".Length];
        Assert.AreEqual(Plain(File.ReadAllText(Path.Combine(folder, "raw.segments.csv"))), File.ReadAllText(name + ".segments.csv"));
        foreach (string ending in (string[])[".windows.csv", ".vtt"])
            Assert.AreEqual(File.ReadAllText(Path.Combine(folder, "raw" + ending)), File.ReadAllText(name + ending), ending);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(name + ".timeline.json"));
        Assert.IsFalse(json.RootElement.GetProperty("live").GetProperty("isRunning").GetBoolean());
        Assert.AreEqual(57, json.RootElement.GetProperty("windows").GetArrayLength());
    }

    [TestMethod]
    public async Task CtrlC_EndsInOrder_WithAllFilesWhole()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("There are no signals.");
        string folder = Path.Combine(Tool.Folder, "endless");
        using var server = new RtspServer(StreamServer.MakeTransportStream("red", 6), staysOpen: true);
        using Process tool = Tool.Start(null, "timeline", Tool.Classifier, server.Url, "--stride", "250ms", "--output", folder);
        Task<string> output = tool.StandardOutput.ReadToEndAsync();
        string errors = "";
        while (!errors.Contains("Ctrl+C ends it", StringComparison.Ordinal) && await tool.StandardError.ReadLineAsync() is string line)
            errors += line + Environment.NewLine;
        Task<string> rest = tool.StandardError.ReadToEndAsync();
        await Task.Delay(1500);
        Process.Start("kill", ["-INT", $"{tool.Id}"]).WaitForExit();
        await tool.WaitForExitAsync();
        errors += await rest;
        Assert.AreEqual(0, tool.ExitCode, errors);
        Assert.IsFalse(errors.Contains("broke off", StringComparison.Ordinal), errors);
        string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.IsGreaterThan(1, lines.Length, errors);
        StringAssert.StartsWith(lines[1], server.Url + ",red,0,", "the segment that went on is not lost");
        string name = Directory.GetFiles(folder, "*.segments.csv").Single();
        CollectionAssert.AreEqual(lines, File.ReadAllLines(name));
        Assert.IsEmpty(Directory.GetFiles(folder, "*.tmp"));
        StringAssert.EndsWith(File.ReadAllText(name.Replace(".segments.csv", ".timeline.html")).TrimEnd(), "</html>");
    }

    [TestMethod]
    public void BadInput_IsALine()
    {
        string clip = TestClips.Clip("red", 1);
        void Refuses(string expected, params string[] arguments)
        {
            (int code, _, string errors) = Tool.Run(["timeline", Tool.Classifier, .. arguments]);
            Assert.AreEqual(1, code, errors);
            StringAssert.Contains(errors, expected);
        }

        Refuses("give it alone", "rtsp://camera/a", clip);
        Refuses("give --input-rate", "-", "--input-size", "32x24");
        Refuses("--reconnect is for a live input", clip, "--reconnect", "3");
        Refuses("a width and a height, such as 640x360", "/dev/video0", "--input-size", "640");
        Refuses("'ftp://host/a' has the scheme 'ftp'", "ftp://host/a");
        Refuses("'rtsp://127.0.0.1:1/a' cannot be read: no frame came from it: ffmpeg says:", "rtsp://127.0.0.1:1/a");

        // All other verbs take names for files.
        (int failed, _, string said) = Tool.Run("predict", Tool.Classifier, "rtsp://127.0.0.1:1/a");
        Assert.AreEqual(1, failed);
        StringAssert.Contains(said, "There is no video 'rtsp://127.0.0.1:1/a'");
    }

    [TestMethod]
    public async Task LongVideo_KeepsItsListsWhole_AndShowsItsLastHour()
    {
        string folder = TestClips.NewFolder();
        var about = new FoundTimeline("rtsp://camera/a", "m.zip", ["blue", "red"], 0, 2, 1, 0.5f, [], [])
        {
            Live = new LiveFacts(DateTimeOffset.Now, IsRunning: true, From: 0),
        };
        using (var files = new LiveTimelineFiles(about, folder, _ => { }))
        {
            for (int i = 0; i < 2 * 3600; i += 10)
            {
                files.Add(new VideoWindowScore(TimeSpan.FromSeconds(i), TimeSpan.FromSeconds(i + 8), [0.2f, 0.8f]));
                files.Add(new VideoSegment("red", TimeSpan.FromSeconds(i), TimeSpan.FromSeconds(i + 8), 0.8f));
                files.Add(new VideoWindowScore(TimeSpan.FromSeconds(i + 8), TimeSpan.FromSeconds(i + 10), null) { IsGap = true });
            }
        }

        string name = Directory.GetFiles(folder, "camera-a-*.segments.csv").Single();
        string[] lines = File.ReadAllLines(name);
        Assert.HasCount(1 + 1440, lines);
        Assert.AreEqual("rtsp://camera/a,,8,10,", lines[2]);
        Assert.HasCount(1 + 1440, File.ReadAllLines(name.Replace(".segments.", ".windows.")));
        string subtitles = File.ReadAllText(name.Replace(".segments.csv", ".vtt"));
        StringAssert.Contains(subtitles, "NOTE Nothing was received from 00:00:08.000 to 00:00:10.000.");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(name.Replace(".segments.csv", ".timeline.json")));
        Assert.AreEqual(360, json.RootElement.GetProperty("segments").GetArrayLength());
        Assert.AreEqual(3600, json.RootElement.GetProperty("live").GetProperty("from").GetDouble());
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(new Uri(name.Replace(".segments.csv", ".timeline.html")).AbsoluteUri);
        await Assertions.Expect(page.Locator("#subtitle")).ToContainTextAsync("Here is the last hour");
        Assert.AreEqual(360, await page.Locator(".gap").CountAsync());
        await page.Locator("#segments button").First.ClickAsync();
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("1:00:00.00");
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("red");
        const string Left = "document.querySelector('{0}').getBoundingClientRect().left";
        double button = await page.EvaluateAsync<double>(Left.Replace("{0}", ".lane button"));
        Assert.AreEqual(await page.EvaluateAsync<double>(Left.Replace("{0}", ".time")), button, 1, "time begins with the hour");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
        Directory.Delete(folder, recursive: true);
    }
}
