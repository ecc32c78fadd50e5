// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VideoMaeCli.Timeline;

/// <summary>The page with a video and its tracks, complete but for the video itself.</summary>
internal static class TimelinePage
{
    /// <summary>The default encoder escapes what could end a script.</summary>
    private static readonly JsonSerializerOptions s_compact = new(Json.Options)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.Default
    };

    /// <param name="found">What was found.</param>
    /// <param name="folder">Where the page will lie: it names the video from there.</param>
    public static string Render(FoundTimeline found, string folder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(found.Path));
        var data = new
        {
            name,
            found.Model,
            video = found.Live is not null || Directory.Exists(found.Path) ? null : UrlOf(found.Path, folder),
            isLive = found.Live?.IsRunning ?? false,
            from = found.Live?.From ?? 0,
            gaps = found.Windows.Where(w => w.IsGap).Select(w => new[] { w.Start.TotalSeconds, w.End.TotalSeconds }),
            found.Duration,
            found.Window,
            found.Stride,
            found.Threshold,
            classes = found.Labels,
            segments = found.Segments.Select(s => new object[]
            {
                found.Labels.ToList().IndexOf(s.Label), Math.Round(s.Start.TotalSeconds, 3), Math.Round(s.End.TotalSeconds, 3),
                Math.Round(s.Probability, 3),
            }),
            windows = found.Windows.Where(w => w.Probabilities is not null).Select(w => w.Probabilities!.Select(p => Math.Round(p, 3))
                .Prepend(Math.Round((w.Start + w.End).TotalSeconds / 2, 3))),
        };
        return Part("timeline.html")
            .Replace("{{title}}", HtmlEncoder.Default.Encode(name), StringComparison.Ordinal)
            .Replace("{{style}}", Part("timeline.css"), StringComparison.Ordinal)
            .Replace("{{script}}", Part("timeline.js"), StringComparison.Ordinal)
            .Replace("{{data}}", JsonSerializer.Serialize(data, s_compact), StringComparison.Ordinal);
    }

    /// <summary>The way from the page to a file, as a URL.</summary>
    internal static string UrlOf(string path, string folder) => string.Join('/',
        Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(path)).Split(Path.DirectorySeparatorChar)
            .Select(part => part is ".." or "." ? part : Uri.EscapeDataString(part)));

    private static string Part(string name)
    {
        using Stream stream = typeof(TimelinePage).Assembly.GetManifestResourceStream($"Timeline/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
