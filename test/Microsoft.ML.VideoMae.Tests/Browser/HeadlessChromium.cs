// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Browser;

/// <summary>
/// The system's Chromium without a window, driven by Playwright; nothing is downloaded. Collects what pages complain about.
/// </summary>
internal sealed class HeadlessChromium : IAsyncDisposable
{
    // What a browser of its own accord asks the network for is of no use to a test, and slow where there is no network.
    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _complaints = [];

    private HeadlessChromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Errors and warnings on the console, uncaught exceptions and failed requests of all pages so far.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    /// <summary>Starts a browser; the test is Inconclusive where there is none.</summary>
    public static async Task<HeadlessChromium> StartAsync()
    {
        string? executable = Find();
        if (executable is null)
            Assert.Inconclusive("This test needs Chromium: run build/ensure-chromium.sh.");
        IPlaywright playwright = await Playwright.Playwright.CreateAsync();
        try
        {
            return new HeadlessChromium(
                playwright, await playwright.Chromium.LaunchAsync(new()
                {
                    ExecutablePath = executable,
                    Headless = true,
                    Args = s_arguments,
                }));
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>Opens an empty page in a profile of its own.</summary>
    public async Task<IPage> NewPageAsync(int width = 1200, int height = 900, ColorScheme colours = ColorScheme.Light)
    {
        IPage page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = colours });
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                Complain($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => Complain($"exception: {error}");
        page.RequestFailed += (_, request) => Complain($"request: {request.Url} {request.Failure}");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private void Complain(string text)
    {
        lock (_complaints)
            _complaints.Add(text);
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder =>
                (string[])
                    [Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser"), Path.Combine(folder, "google-chrome")])
            .FirstOrDefault(File.Exists);
}
