// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>Code in documents compiles, and runs unless a comment in front of it says why it can't.</summary>
[TestClass]
public sealed partial class DocumentCodeTests
{
    private const int WidthOfProse = 120;
    private const int WidthOfCode = 140;

    public static IEnumerable<object[]> Documents => DocumentCode.Documents.Select(d => new object[] { d });

    [TestMethod]
    [DynamicData(nameof(Documents))]
    public void Code_CompilesAndRuns(string document)
    {
        var failures = new List<string>();
        string folder = TestClips.NewFolder();
        var small = new SmallRun(folder);
        small.Prepare();
        foreach (DocumentCode block in DocumentCode.All.Where(b => b.Document == document))
        {
            (byte[]? program, string errors) = DocumentCompiler.Compile(block.Code);
            if (program is null)
            {
                failures.Add($"{block} does not compile:\n{errors}");
                continue;
            }

            if (block.NotRun is null && Failure(block, small) is string failure)
                failures.Add($"{block} {failure}");
        }

        Assert.IsEmpty(failures, string.Join("\n\n", failures));
    }

    [TestMethod]
    public void CodeThatDoesNotCompile_IsFound() =>
        Assert.Contains("CS1061", DocumentCompiler.Compile("ml.Data.LoadVideosFromNowhere(\"dataset\");").Errors);

    [TestMethod]
    public void UsingThatABlockForgets_IsFound()
    {
        const string Code = "var ml = new MLContext();\nConsole.WriteLine(new VideoMaeTrainer.Options());";
        Assert.AreEqual("", DocumentCompiler.Compile(Code).Errors);
        Assert.Contains("CS0246", DocumentCompiler.Compile($"using Microsoft.ML;\n{Code}").Errors);
    }

    [TestMethod]
    [DynamicData(nameof(Documents))]
    public void Lines_AreReadable(string document)
    {
        bool isCode = false;
        var wide = new List<string>();
        string[] lines = DocumentCode.Lines(document);
        for (int i = 0; i < lines.Length; i++)
        {
            isCode ^= lines[i].StartsWith("```", System.StringComparison.Ordinal);
            if (!lines[i].StartsWith('|') && lines[i].Length > (isCode ? WidthOfCode : WidthOfProse))
                wide.Add($"{document}:{i + 1} has {lines[i].Length} columns");
        }

        Assert.IsEmpty(wide, string.Join("\n", wide));
    }

    [TestMethod]
    [DynamicData(nameof(Documents))]
    public void Links_LeadSomewhere(string document)
    {
        string text = File.ReadAllText(Path.Combine(DocumentCode.Root, document));
        string folder = Path.GetDirectoryName(Path.Combine(DocumentCode.Root, document))!;
        string[] broken = [.. Link().Matches(text).Select(m => m.Groups[1].Value)
            .Where(link => !link.Contains("://")).Where(link => !Exists(folder, document, link))];
        Assert.IsEmpty(broken, string.Join(", ", broken));
    }

    private static string? Failure(DocumentCode block, SmallRun small)
    {
        (byte[]? program, string errors) = DocumentCompiler.Compile(block.Code, unit => (CompilationUnitSyntax)small.Visit(unit)!);
        if (program is null)
            return $"does not compile for a small run:\n{errors}";
        try
        {
            DocumentCompiler.Run(program);
            return null;
        }
        catch (System.InvalidOperationException e)
        {
            return $"does not run:\n{e.InnerException ?? e}";
        }
    }

    private static bool Exists(string folder, string document, string link)
    {
        string[] parts = link.Split('#');
        string file = parts[0].Length == 0 ? Path.Combine(DocumentCode.Root, document) : Path.Combine(folder, parts[0]);
        if (parts.Length == 1)
            return File.Exists(file) || Directory.Exists(file);
        return File.Exists(file) && File.ReadLines(file).Any(line => line.StartsWith('#') && Anchor(line) == parts[1]);
    }

    private static string Anchor(string heading) =>
        NoAnchor().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
