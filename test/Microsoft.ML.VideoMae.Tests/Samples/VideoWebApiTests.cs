// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

/// <summary>The web service as a process, over HTTP and in a browser.</summary>
[TestClass]
public sealed class VideoWebApiTests
{
    private static Process s_server = null!;
    private static HttpClient s_client = null!;

    [ClassInitialize]
    public static async Task Start(TestContext context)
    {
        s_server = SampleProgram.Start("VideoWebApi", "--model", SampleModel.Zip, "--megabytes", "1", "--urls", "http://127.0.0.1:0");
        Match address = Match.Empty;
        while (!address.Success && await s_server.StandardOutput.ReadLineAsync() is string line)
            address = Regex.Match(line, @"listening on: (http://127\.0\.0\.1:\d+)");
        Assert.IsTrue(address.Success, "the server did not start");
        s_server.BeginErrorReadLine();
        _ = s_server.StandardOutput.ReadToEndAsync();
        s_client = new HttpClient { BaseAddress = new Uri(address.Groups[1].Value) };
    }

    [ClassCleanup]
    public static void Stop()
    {
        s_client?.Dispose();
        s_server?.Kill();
        s_server?.Dispose();
    }

    [TestMethod]
    public async Task Upload_IsAnsweredWithTheModelsScores()
    {
        using VideoMaeClassificationTransformer model = new MLContext().Model.LoadVideoMae(SampleModel.Zip);
        foreach (string label in (string[])["blue", "red"])
        {
            string clip = TestClips.Clip(label, 2);
            (HttpStatusCode status, JsonElement answer) = await SendAsync(File.ReadAllBytes(clip), "../../evil name.mp4");
            Assert.AreEqual(HttpStatusCode.OK, status);
            Assert.AreEqual(label, answer.GetProperty("label").GetString());
            KeyValuePair<string, float>[] scores = [.. answer.GetProperty("scores").EnumerateArray()
                .Select(s => KeyValuePair.Create(s.GetProperty("label").GetString()!, s.GetProperty("probability").GetSingle()))];
            CollectionAssert.AreEqual(model.Predict(MLVideo.CreateFromFile(clip)).ToArray(), scores);
        }
    }

    [TestMethod]
    public async Task ManyAtATime_GetTheirOwnAnswers()
    {
        string[] labels = [.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? "blue" : "red")];
        (HttpStatusCode Status, JsonElement Answer)[] answers = await Task.WhenAll(
            labels.Select((label, i) => SendAsync(File.ReadAllBytes(TestClips.Clip(label, i % TestClips.ClipsPerClass + 1)), $"{i}.mp4")));
        CollectionAssert.AreEqual(
            labels,
            answers.Select(a => a.Status == HttpStatusCode.OK ? a.Answer.GetProperty("label").GetString() : a.Status.ToString()).ToArray());
    }

    [TestMethod]
    public async Task WhatCannotBeClassified_IsAClearProblem()
    {
        byte[] clip = File.ReadAllBytes(TestClips.Clip("red", 1));
        await ExpectAsync("this is no video, really"u8.ToArray(), HttpStatusCode.UnprocessableEntity, "not a video");
        await ExpectAsync(clip[..(clip.Length / 2)], HttpStatusCode.UnprocessableEntity, "truncated");
        await ExpectAsync([], HttpStatusCode.UnprocessableEntity, "no bytes");
        await ExpectAsync(new byte[3 << 19], HttpStatusCode.RequestEntityTooLarge, "larger than the 1 MB");
        // More than what lies in sockets: the sender still sends when it is refused.
        await ExpectAsync(new byte[32 << 20], HttpStatusCode.RequestEntityTooLarge, "larger than the 1 MB");
        await ExpectAsync(clip, HttpStatusCode.BadRequest, "field 'video'", field: "film");
        using HttpResponseMessage form = await s_client.PostAsync("predict", new StringContent("no form"));
        Assert.AreEqual(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        Assert.Contains("multipart/form-data", await form.Content.ReadAsStringAsync());
        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, (await s_client.GetAsync("predict")).StatusCode);
        Assert.IsEmpty(Directory.GetFiles(Path.GetTempPath(), "upload-*"), "nothing is left behind");
    }

    [TestMethod]
    public void MissingModel_IsOneLine()
    {
        (int code, _, string errors) = SampleProgram.TryRun("VideoWebApi", "--model", "nowhere.zip");
        Assert.AreEqual(1, code);
        Assert.Contains("There is no model 'nowhere.zip'", errors);
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(0)]
    public void DamagedModel_IsOneLineThatSaysWhatToDo(double share)
    {
        byte[] whole = File.ReadAllBytes(SampleModel.Zip);
        string damaged = Path.Combine(TestClips.NewFolder(), "damaged.zip");
        File.WriteAllBytes(damaged, [.. "PK"u8, .. whole[2..(2 + (int)(share * (whole.Length - 2)))]]);
        (int code, _, string errors) = SampleProgram.TryRun("VideoWebApi", "--model", damaged, "--urls", "http://127.0.0.1:0");
        Directory.Delete(Path.GetDirectoryName(damaged)!, recursive: true);
        Assert.AreEqual(1, code, errors);
        Assert.HasCount(1, errors.Trim().Split('\n'), errors);
        Assert.Contains($"'{damaged}' is not a classifier of videos", errors);
        Assert.Contains("'videomae train' wrote", errors);
    }

    [TestMethod]
    public async Task Page_ShowsTheAnswerForADroppedVideo_AndWhatIsWrongWithAnother()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync(900, 900);
        await page.GotoAsync(s_client.BaseAddress!.ToString());
        await Assertions.Expect(page.GetByText("up to 1 MB")).ToBeVisibleAsync();
        await page.SetInputFilesAsync("#file", TestClips.Clip("blue", 3));
        await Assertions.Expect(page.Locator("#label")).ToHaveTextAsync("blue", new() { Timeout = 30000 });
        await Assertions.Expect(page.Locator("#scores li")).ToHaveCountAsync(2);
        StringAssert.Matches(await page.Locator("#scores li").First.InnerTextAsync(), new Regex(@"blue\s*\d+\.\d %"));
        await Assertions.Expect(page.Locator("#preview")).ToBeVisibleAsync();
        await Screenshot(page, "answer-light");

        await DropAsync(page, TestClips.Clip("red", 3));
        await Assertions.Expect(page.Locator("#label")).ToHaveTextAsync("red", new() { Timeout = 30000 });
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        Assert.AreEqual(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), "nothing sticks out on a phone");
        await Screenshot(page, "answer-dark-phone");
        Assert.IsEmpty(chromium.Complaints, string.Join('\n', chromium.Complaints));

        await page.SetInputFilesAsync(
            "#file", new FilePayload
            {
                Name = "<b>notes</b>.txt",
                MimeType = "video/mp4",
                Buffer = "this is no video, really"u8.ToArray(),
            });
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not a video");
        await Assertions.Expect(page.Locator("#name")).ToContainTextAsync("<b>notes</b>.txt");
        await Assertions.Expect(page.Locator("#result")).ToBeHiddenAsync();
        await Screenshot(page, "error-dark-phone");
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "long.mp4", MimeType = "video/mp4", Buffer = new byte[2 << 20] });
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("1 MB is the most");
    }

    /// <summary>What a browser does when a file is dropped on the page.</summary>
    private static async Task DropAsync(IPage page, string path)
    {
        IJSHandle transfer = await page.EvaluateHandleAsync("""
            ([content, name]) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type: 'video/mp4' }));
              return transfer;
            }
            """, new[] { Convert.ToBase64String(File.ReadAllBytes(path)), Path.GetFileName(path) });
        await page.DispatchEventAsync("#drop", "drop", new { dataTransfer = transfer });
    }

    /// <summary>For looking at: only where VIDEOMAE_SCREENSHOTS names a folder.</summary>
    private static async Task Screenshot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("VIDEOMAE_SCREENSHOTS") is string folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    private static async Task ExpectAsync(byte[] content, HttpStatusCode status, string detail, string field = "video")
    {
        (HttpStatusCode actual, JsonElement problem) = await SendAsync(content, "clip.mp4", field);
        Assert.AreEqual(status, actual, problem.ToString());
        Assert.Contains(detail, problem.GetProperty("detail").GetString()!);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(byte[] content, string name, string field = "video")
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(content), field, name } };
        using HttpResponseMessage response = await s_client.PostAsync("predict", form);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }
}
