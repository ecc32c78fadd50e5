// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.ML.VideoMae.Tests.Timelines;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Timeline;
using VideoMaeCli.Verbs;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary><c>videomae timeline</c>, and its page in a real browser.</summary>
[TestClass]
public sealed class TimelineTests
{
    private static readonly Lazy<(string Folder, string Output)> s_run = new(() =>
    {
        // A name that a URL has to escape.
        string folder = Path.Combine(Tool.Folder, "timeline run"), video = Path.Combine(Tool.Folder, "a #1 recording.webm");
        TestClips.Ffmpeg([.. Recording.Colours(("red", 4), ("black", 3), ("blue", 5), ("red", 3)), "-c:v", "libvpx", "-g", "8", video]);
        (int code, string output, string errors) = Tool.Run(
            "timeline", Tool.Classifier, video, "--stride", "250ms", "--threshold", "0.5", "--output", folder);
        Assert.AreEqual(0, code, errors);
        return (folder, output);
    });

    private static string Page => Path.Combine(s_run.Value.Folder, "a #1 recording.timeline.html");

    [TestMethod]
    public void Files_SayTheSame()
    {
        (string folder, string output) = s_run.Value;
        string[] printed = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual("path,class,start,end,probability", printed[0]);
        CollectionAssert.AreEqual(printed, File.ReadAllLines(Path.Combine(folder, "a #1 recording.segments.csv")));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "a #1 recording.timeline.json")));
        JsonElement[] segments = [.. json.RootElement.GetProperty("segments").EnumerateArray()];
        Assert.HasCount(printed.Length - 1, segments);
        Assert.AreEqual(1.0, json.RootElement.GetProperty("window").GetDouble(), "the length of the training clips");
        Assert.AreEqual("red", segments[^1].GetProperty("predictedLabel").GetString());
        Assert.AreEqual(15, segments[^1].GetProperty("end").GetDouble(), 0.01);
        string[] windows = File.ReadAllLines(Path.Combine(folder, "a #1 recording.windows.csv"));
        Assert.AreEqual("start,end,blue,red", windows[0]);
        Assert.HasCount(1 + 57, windows);
        string vtt = File.ReadAllText(Path.Combine(folder, "a #1 recording.vtt"));
        StringAssert.StartsWith(vtt, "WEBVTT\n\n00:00:00.000 --> 00:00:0");
        Assert.HasCount(segments.Length, Regex.Matches(vtt, " --> "));
    }

    [TestMethod]
    public async Task Page_PlaysSeeksAndShows_WithoutComplaints()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium);
        Assert.AreEqual("a #1 recording.webm", await page.Locator("h1").TextContentAsync());
        Assert.AreEqual(2, await page.Locator(".lane").CountAsync(), "a track for each class");
        int segments = File.ReadAllLines(Path.Combine(s_run.Value.Folder, "a #1 recording.segments.csv")).Length - 1;
        Assert.AreEqual(segments, await page.Locator(".lane button").CountAsync());
        Assert.AreEqual(segments, await page.Locator("#segments tbody tr").CountAsync());
        await page.WaitForFunctionAsync("document.querySelector('video').readyState >= 1");
        Assert.AreEqual(15, await Evaluate(page, "document.querySelector('video').duration"), 0.2, "the video is found");

        // A click in the middle of a track goes to the middle of the time.
        LocatorBoundingBoxResult box = (await page.Locator(".time").BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + (0.65f * box.Width), box.Y + 10);
        Assert.AreEqual(0.65 * 15, await Evaluate(page, "document.querySelector('video').currentTime"), 0.1);
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("blue");
        Assert.AreEqual(1, await page.Locator("#segments tr[aria-current=true]").CountAsync());
        await page.Locator(".lane button").Last.ClickAsync();
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("red");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Page_IsWorkedByKeyboard_InDarkAndLight()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium, ColorScheme.Dark);
        await page.WaitForFunctionAsync("document.querySelector('video').readyState >= 1");
        Assert.AreEqual("rgb(20, 23, 27)", await Background(page));
        await page.Locator("#theme").ClickAsync();
        Assert.AreEqual("rgb(255, 255, 255)", await Background(page));
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.AreEqual(1, await Evaluate(page, "document.querySelector('video').currentTime"), 0.05);
        await page.Keyboard.PressAsync("n");
        double second = await Evaluate(page, "document.querySelector('video').currentTime");
        Assert.IsGreaterThan(3, second, "the next segment");
        await page.Keyboard.PressAsync("p");
        Assert.IsLessThan(1, await Evaluate(page, "document.querySelector('video').currentTime"));
        await page.Keyboard.PressAsync("Space");
        await page.WaitForFunctionAsync("!document.querySelector('video').paused");
        double narrow = await Evaluate(page, "document.querySelector('.time').clientWidth");
        await page.Keyboard.PressAsync("+");
        Assert.AreEqual(2 * narrow, await Evaluate(page, "document.querySelector('.time').clientWidth"), 2);
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Page_WithoutItsVideo_HasTheTimesStill()
    {
        string copy = Path.Combine(TestClips.NewFolder(), "moved.html");
        File.Copy(Page, copy);
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(new Uri(copy).AbsoluteUri);
        await Assertions.Expect(page.Locator("#unplayable")).ToContainTextAsync("cannot play");
        await page.Locator("#segments button").Last.ClickAsync();
        await Assertions.Expect(page.Locator("#now")).ToContainTextAsync("red");
    }

    [TestMethod]
    public void BadInput_IsALine()
    {
        (int code, _, string errors) = Tool.Run("timeline", Tool.Classifier);
        Assert.AreEqual(1, code);
        StringAssert.Contains(errors, "There is nothing to look at");
        (code, _, errors) = Tool.Run("timeline", Tool.Classifier, TestClips.Clip("red", 1), "--window", "soon");
        Assert.AreEqual(1, code);
        StringAssert.Contains(errors, "--window is 'soon'; it has to be a time, such as 2s");
        string folder = TestClips.NewFolder(), broken = Path.Combine(folder, "broken.mp4");
        File.WriteAllText(broken, "no video");
        (code, string output, errors) = Tool.Run(
            "timeline", Tool.Classifier, broken, TestClips.Clip("red", 1), "--window", "5s", "--other", "blue", "--output", folder);
        Assert.AreEqual(3, code, errors);
        StringAssert.Contains(errors, "broken.mp4");
        StringAssert.Contains(errors, "less than a window of 5 s: it is scored as a whole");
        StringAssert.Contains(output, ",red,0,1,");
        (code, _, errors) = Tool.Run("timeline", Tool.Classifier, TestClips.Clip("red", 1), "--other", "green", "--output", folder);
        Assert.AreEqual(1, code);
        StringAssert.Contains(errors, "The model has no such class; it has blue, red.");
    }

    [TestMethod]
    public void Times_AreRead()
    {
        Assert.AreEqual(2000, TimelineVerb.ParseTime("2s")!.Value.TotalMilliseconds);
        Assert.AreEqual(500, TimelineVerb.ParseTime("500ms")!.Value.TotalMilliseconds);
        Assert.AreEqual(1500, TimelineVerb.ParseTime("1.5")!.Value.TotalMilliseconds);
        Assert.AreEqual(90, TimelineVerb.ParseTime("1.5m")!.Value.TotalSeconds);
        Assert.IsNull(TimelineVerb.ParseTime("-1s"));
        Assert.IsNull(TimelineVerb.ParseTime("1e400"));
        Assert.AreEqual("../b%20c/d%23.mp4", TimelinePage.UrlOf("/x/b c/d#.mp4", "/x/out"));
    }

    private static Task<double> Evaluate(IPage page, string script) => page.EvaluateAsync<double>(script);

    private static Task<string> Background(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private static async Task<IPage> Open(HeadlessChromium chromium, ColorScheme colours = ColorScheme.Light)
    {
        IPage page = await chromium.NewPageAsync(colours: colours);
        await page.GotoAsync(new Uri(Page).AbsoluteUri);
        return page;
    }
}
