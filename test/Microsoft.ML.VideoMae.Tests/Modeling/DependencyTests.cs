// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed partial class DependencyTests
{
    private static readonly string[] s_allowed = ["System", "TorchSharp", "Microsoft.ML.VideoMae.Modeling", "Microsoft.ML.VideoMae.Checkpoints"];

    [TestMethod]
    [DataRow("Modeling")]
    [DataRow("Checkpoints")]
    public void Sources_StandOnTorchSharpAlone(string folder)
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src/Microsoft.ML.VideoMae"));
        string[] files = Directory.GetFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories);
        Assert.IsGreaterThan(10, files.Length);
        foreach (string file in files)
        {
            foreach (Match use in Used().Matches(File.ReadAllText(file)))
            {
                string name = use.Groups[1].Value;
                Assert.IsTrue(s_allowed.Any(allowed => name == allowed || name.StartsWith(allowed + ".", StringComparison.Ordinal)), $"{file} uses {name}.");
            }

            // Types of the parent namespace need no using: videos, frames and ML.NET's own.
            foreach (string foreign in Foreign())
                Assert.IsFalse(Regex.IsMatch(File.ReadAllText(file), $@"\b{foreign}\b"), $"{file} names {foreign}.");
        }
    }

    private static IEnumerable<string> Foreign() => typeof(VideoFrames).Assembly.GetTypes()
        .Where(type => type.Namespace is "Microsoft.ML.VideoMae" or "Microsoft.ML" && !type.IsNested && !type.Name.Contains('<') && !type.Name.Contains('`'))
        .Select(type => type.Name).Append("IDataView").Append("MLContext").Distinct();

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^using (?:static )?([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex Used();
}
