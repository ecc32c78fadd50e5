// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;

namespace VideoMaeCli.Report;

/// <summary>A video on a page, with a few lines below it.</summary>
/// <param name="Path">The video.</param>
/// <param name="Lines">What is said of it.</param>
internal sealed record PageClip(string Path, params IReadOnlyList<string> Lines);

/// <summary>A part of a page: rows of videos that belong together.</summary>
/// <param name="Id">Its name in the page's address.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Text">A sentence about it.</param>
/// <param name="Rows">The videos, those of a row side by side, each with a heading.</param>
internal sealed record PageSection(string Id, string Title, string Text, IReadOnlyList<(string Heading, IReadOnlyList<PageClip> Clips)> Rows);

/// <summary>A page of videos as short animations, in one file that loads nothing from elsewhere.</summary>
internal static class ClipPage
{
    /// <summary>A page with more animations is slow to open; those left out are counted.</summary>
    private const int MostRows = 100;

    private const string Script = """
        (() => {
          const root = document.documentElement, theme = document.getElementById("theme"), pause = document.getElementById("pause");
          const setTheme = dark => { root.dataset.theme = dark ? "dark" : "light"; theme.textContent = dark ? "Light" : "Dark"; };
          theme.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));
          setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
          const setStill = still => { root.classList.toggle("still", still); pause.setAttribute("aria-pressed", String(still));
            pause.textContent = still ? "Play clips" : "Pause clips"; };
          pause.addEventListener("click", () => setStill(!root.classList.contains("still")));
          setStill(matchMedia("(prefers-reduced-motion: reduce)").matches);
        })();
        """;

    /// <summary>The page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="sentences">What stands above all.</param>
    /// <param name="sections">Its parts; those without videos are left out.</param>
    public static string Render(string title, IReadOnlyList<string> sentences, IReadOnlyList<PageSection> sections)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; ")
            .Append("style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encoded(title)}</title>\n<style>\n{ReportPage.Part("report.css")}\n</style>\n")
            .Append("</head>\n<body>\n")
            .Append(CultureInfo.InvariantCulture, $"<header><h1>{Encoded(title)}</h1><div class=\"tools\">")
            .Append("<button type=\"button\" id=\"pause\" aria-pressed=\"false\">Pause clips</button> ")
            .Append("<button type=\"button\" id=\"theme\">Dark</button></div></header>\n")
            .Append("<main>\n<section id=\"result\">");
        foreach (string sentence in sentences)
            html.Append(CultureInfo.InvariantCulture, $"<p>{Encoded(sentence)}</p>");
        html.Append("</section>\n");
        foreach (PageSection section in sections.Where(s => s.Rows.Count > 0))
            Append(html, section);
        return html.Append(CultureInfo.InvariantCulture, $"</main>\n<script>{Script}</script>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder html, PageSection section)
    {
        var shown = section.Rows.Take(MostRows).ToArray();
        ClipStrip?[] strips = ClipStrip.MakeMany(shown.SelectMany(r => r.Clips).Select(c => c.Path));
        html.Append(CultureInfo.InvariantCulture, $"<section id=\"{section.Id}\"><h2>{Encoded(section.Title)}</h2>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"faint\">{Encoded(section.Text)}");
        if (section.Rows.Count > shown.Length)
            html.Append(CultureInfo.InvariantCulture, $" The first {shown.Length} of {section.Rows.Count} are shown.");
        html.Append("</p>\n");
        int at = 0;
        foreach ((string heading, IReadOnlyList<PageClip> row) in shown)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h3>{Encoded(heading)}</h3><ul class=\"clips\">");
            foreach (PageClip clip in row)
            {
                ClipStrip? strip = strips[at++];
                html.Append("<li>").Append(strip is null
                    ? "<div class=\"strip none\">cannot be read</div>"
                    : string.Create(CultureInfo.InvariantCulture,
                        $"<div class=\"strip\" role=\"img\" aria-label=\"{Encoded(clip.Path)}\" style=\"--n:{strip.Frames};") +
                        string.Create(CultureInfo.InvariantCulture, $"--ratio:{strip.Ratio:0.####};background-image:url({strip.Url})\"></div>"));
                html.Append(CultureInfo.InvariantCulture, $"<code>{Encoded(clip.Path)}</code>");
                foreach (string line in clip.Lines)
                    html.Append(CultureInfo.InvariantCulture, $"<br>{Encoded(line)}");
                html.Append("</li>");
            }

            html.Append("</ul>\n");
        }

        html.Append("</section>\n");
    }

    private static string Encoded(string text) => HtmlEncoder.Default.Encode(text);
}
