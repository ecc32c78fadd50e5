// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

/// <summary>The real videos, and ffmpeg as the test's own witness.</summary>
internal static class TestVideos
{
    private static readonly ConcurrentDictionary<string, WholeVideo> s_whole = [];

    public static string Root => ReferenceFiles.Videos;

    public static string File(string name) => Path.Combine(Root, "videos", name);

    /// <summary>What <see cref="VideoReader.ReadAll"/> gives for a file, read once for all tests: it takes seconds for some.</summary>
    /// <exception cref="VideoReadException">The file cannot be read.</exception>
    public static WholeVideo Whole(string name) => s_whole.GetOrAdd(name, static name =>
    {
        VideoFrames frames = VideoReader.Default.ReadAll(Video(name));
        return new WholeVideo(frames.Count, frames.Width, frames.Height, Hash(frames));
    });

    /// <summary>The MD5 of all frames.</summary>
    public static string Hash(VideoFrames frames) => Convert.ToHexStringLower(MD5.HashData(frames.Pixels.Span));

    /// <param name="Count">The number of frames.</param>
    /// <param name="Width">Their width.</param>
    /// <param name="Height">Their height.</param>
    /// <param name="Hash">Their <see cref="TestVideos.Hash"/>.</param>
    public sealed record WholeVideo(int Count, int Width, int Height, string Hash);

    public static MLVideo Video(string name) => MLVideo.CreateFromFile(File(name));

    public static string[] Clips(string set) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, set, "clips"), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The rows of the folder's README: name, frames that decode, whether any do.</summary>
    public static IEnumerable<(string Name, int Frames, bool Decodes)> Table()
    {
        foreach (string line in System.IO.File.ReadLines(File("README.md")))
        {
            string[] cells = [.. line.Split('|').Select(c => c.Trim())];
            if (cells.Length > 9 && int.TryParse(cells[5], out int frames))
                yield return (cells[1], frames, !cells[9].StartsWith("NO", StringComparison.Ordinal));
        }
    }

    /// <summary>Runs ffmpeg and returns what it writes to standard output.</summary>
    public static byte[] RunFFmpeg(params string[] arguments) => Run("ffmpeg", ["-v", "quiet", "-nostdin", .. arguments]);

    /// <summary>Runs a program and returns what it writes to standard output.</summary>
    public static byte[] Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return output.ToArray();
    }

    /// <summary>
    /// All frames of a file as ffmpeg itself writes them. One thread: with more, the frames of damaged files differ from run to run.
    /// </summary>
    public static byte[] Reference(string path, params string[] filter) =>
        RunFFmpeg([
            "-threads", "1", "-i", path, "-map", "0:v:0", .. filter, "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo",
            "pipe:1"]);

    /// <summary>The MD5 of <see cref="Reference"/>, for clips of hundreds of megabytes.</summary>
    public static string ReferenceHash(string path)
    {
        byte[] line = RunFFmpeg([
            "-threads", "1", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "md5",
            "pipe:1"]);
        return Encoding.ASCII.GetString(line).Trim().Replace("MD5=", "", StringComparison.Ordinal);
    }
}
