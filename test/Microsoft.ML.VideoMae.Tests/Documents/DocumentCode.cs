// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>A block of C# in a document.</summary>
/// <param name="Document">The path of the document, from the root.</param>
/// <param name="Line">The line its code starts on, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="NotRun">
/// Why it is only compiled, from a comment <c>&lt;!-- not run: ... --&gt;</c> in front of it; null where it is run as well.
/// </param>
internal sealed record DocumentCode(string Document, int Line, string Code, string? NotRun)
{
    private const string Fence = "```";
    private const string NotRunMark = "<!-- not run:";

    /// <summary>The root of the sources.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    /// <summary>All documents.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "samples/README.md",
        "src/Microsoft.ML.VideoMae/PACKAGE.md", "src/Microsoft.ML.VideoMae.Cli/PACKAGE.md",
        "src/Microsoft.ML.VideoMae.ImageFeatures/PACKAGE.md",
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    /// <summary>All blocks of all documents.</summary>
    public static IReadOnlyList<DocumentCode> All { get; } = [.. Documents.SelectMany(Read)];

    public override string ToString() => $"{Document}:{Line}";

    /// <summary>The lines of a document.</summary>
    /// <param name="document">Its path, from the root.</param>
    public static string[] Lines(string document) => File.ReadAllLines(Path.Combine(Root, document));

    private static IEnumerable<DocumentCode> Read(string document)
    {
        string[] lines = Lines(document);
        for (int start = 0; start < lines.Length; start++)
        {
            if (lines[start] != $"{Fence}csharp")
                continue;
            int end = Array.IndexOf(lines, Fence, start + 1);
            string before = start > 0 ? lines[start - 1] : "";
            string? notRun = before.StartsWith(NotRunMark, StringComparison.Ordinal) ? before : null;
            yield return new DocumentCode(document, start + 2, string.Join('\n', lines[(start + 1)..end]), notRun);
            start = end;
        }
    }
}
