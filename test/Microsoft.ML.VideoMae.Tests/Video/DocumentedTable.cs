// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

/// <summary>A table of docs that comes from a real run: compared with the run, or written from it if VIDEOMAE_UPDATE_DOCS is 1.</summary>
internal static class DocumentedTable
{
    private const string Begin = "<!-- begin: written by a test -->\n";
    private const string End = "<!-- end -->";

    public static void AssertOrUpdate(string document, string rows)
    {
        string path = Path.Combine(Repository(), "docs", document);
        string text = File.ReadAllText(path).ReplaceLineEndings("\n");
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int header = text.IndexOf("\n| --- |", begin, StringComparison.Ordinal);
        begin = text.IndexOf('\n', header + 1) + 1;
        int end = text.IndexOf(End, begin, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("VIDEOMAE_UPDATE_DOCS") == "1")
            File.WriteAllText(path, text[..begin] + rows + text[end..]);
        else
            Assert.AreEqual(text[begin..end], rows, $"docs/{document} is out of date. Run this test with VIDEOMAE_UPDATE_DOCS=1.");
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Microsoft.ML.VideoMae.sln")))
            folder = Path.GetDirectoryName(folder);
        if (folder is null)
            Assert.Inconclusive("The tests do not run inside the repository, so there is no docs folder to compare with.");
        return folder;
    }
}
