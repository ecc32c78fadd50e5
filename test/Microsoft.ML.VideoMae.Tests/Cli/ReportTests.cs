// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>report.html, opened from the disk in a real browser.</summary>
[TestClass]
public sealed class ReportTests
{
    private static string Report => Path.Combine(Path.GetDirectoryName(Tool.Classifier)!, "report.html");

    [TestMethod]
    public void Page_LoadsNothingFromElsewhere()
    {
        string html = File.ReadAllText(Report);
        Assert.DoesNotMatchRegex(new Regex("(src|href)=\"(?!data:|#)"), html);
        Assert.DoesNotContain("@import", html);
        Assert.Contains("default-src 'none'", html, "the browser is told not to");
    }

    [TestMethod]
    public async Task Page_ShowsTheRun_WithoutComplaints()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium);
        Assert.AreEqual("colours", await page.Locator("h1").TextContentAsync());
        foreach (string id in (string[])["result", "confusion", "mistakes", "classes", "curves", "calibration", "data", "code", "settings"])
            Assert.AreEqual(1, await page.Locator($"section#{id}").CountAsync(), id);
        Assert.AreEqual(2 * TestClips.ClipsPerClass, await page.Locator("#twins h3").CountAsync(), "training and validation are the same");
        Assert.AreEqual(4 * TestClips.ClipsPerClass, await page.Locator("#twins .strip:not(.none)").CountAsync());
        Assert.AreEqual("Similarity 1.000", await page.Locator("#twins h3").First.TextContentAsync());
        Assert.AreEqual(3, await page.Locator("canvas").CountAsync(), "loss, accuracy, calibration");
        Assert.AreEqual(6, await page.Locator("#data .strip:not(.none)").CountAsync(), "three videos of each class");
        Assert.AreEqual(2 * TestClips.ClipsPerClass, (await page.Locator(".confusion button").AllTextContentsAsync()).Sum(int.Parse));
        Assert.Contains("Colours.PredictAllLabels", await page.Locator("#code pre").TextContentAsync() ?? "");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Cell_ShowsItsVideos_ByMouseAndKeyboard()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium);
        ILocator filled = page.Locator(".confusion button:not([disabled])");
        for (int i = 0; i < await filled.CountAsync(); i++)
        {
            ILocator cell = filled.Nth(i);
            if (i == 0)
                await cell.ClickAsync();
            else
                await cell.PressAsync("Enter");
            Assert.AreEqual("true", await cell.GetAttributeAsync("aria-pressed"));
            Assert.AreEqual(1, await page.Locator(".confusion button[aria-pressed=true]").CountAsync());
            int count = int.Parse((await cell.TextContentAsync())!);
            Assert.AreEqual(
                count, await page.Locator("#cell .clips > li").CountAsync() + await page.Locator("#cell details li").CountAsync());
        }

        await page.Locator("button.copy").ClickAsync();
        // The browser answers in its own time whether a page may write to the clipboard.
        await Assertions.Expect(page.Locator("button.copy")).ToHaveTextAsync(new Regex("Copied|Selected"), new() { Timeout = 30_000 });
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Page_IsDarkOrLight_AndClipsPause()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium, colours: ColorScheme.Dark);
        string dark = await Background(page);
        await page.Locator("#theme").ClickAsync();
        string light = await Background(page);
        Assert.AreEqual("rgb(255, 255, 255)", light);
        Assert.AreNotEqual(light, dark);
        await page.Locator("#pause").ClickAsync();
        Assert.AreEqual("paused", await page.Locator(".strip").First.EvaluateAsync<string>("e => getComputedStyle(e).animationPlayState"));
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.IsFalse(await page.Locator("#theme").IsVisibleAsync(), "buttons are not printed");
    }

    [TestMethod]
    public async Task Page_FitsAPhone()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await Open(chromium, width: 360);
        Assert.AreEqual(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), "no sideways scrolling");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Texts_StandOutFromTheirBackground()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        foreach (ColorScheme colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            IPage page = await Open(chromium, colours: colours);
            // WCAG 2.2: 4.5 for text.
            Assert.IsGreaterThanOrEqualTo(4.5, await page.EvaluateAsync<double>(SmallestContrast), colours.ToString());
        }
    }

    /// <summary>The smallest ratio of luminances of any text to what it stands on.</summary>
    private const string SmallestContrast = """
        () => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgba = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
          const luminance = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const back = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
          let smallest = 21;
          for (const e of document.querySelectorAll("body *")) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length || ["SCRIPT", "STYLE"].includes(e.tagName)) continue;
            const a = luminance(rgba(getComputedStyle(e).color).slice(0, 3)), b = luminance(back(e).slice(0, 3));
            smallest = Math.min(smallest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          }
          return smallest;
        }
        """;

    private static async Task<IPage> Open(HeadlessChromium chromium, int width = 1200, ColorScheme colours = ColorScheme.Light)
    {
        IPage page = await chromium.NewPageAsync(width, colours: colours);
        await page.GotoAsync(new Uri(Report).AbsoluteUri);
        return page;
    }

    private static Task<string> Background(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
