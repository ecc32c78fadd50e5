// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>What <c>videomae validate</c> takes, and what it counts as found.</summary>
[TestClass]
public sealed class ValidateTests
{
    [TestMethod]
    public void FolderWithoutClasses_IsValidated_AndOtherFilesAreNoFault()
    {
        using DataSetFolder folder = new DataSetFolder().WithClip("a.mp4").WithClip("b.mp4", "blue").With("README.md");
        (int code, string output, string errors) = Tool.Run("validate", "--dataset", folder.Path);
        Assert.AreEqual(0, code, errors);
        Assert.Contains("2 of 2 videos can be read.", output);
        Assert.Contains("other files: 1 (1 .md), such as 'README.md'", errors);
    }

    [TestMethod]
    public void ClassWithoutVideos_IsFound()
    {
        using DataSetFolder folder = new DataSetFolder().WithClip("red/a.mp4").WithClip("blue/b.mp4", "blue").With("green/1.xyz");
        (int code, string output, string errors) = Tool.Run("validate", "--dataset", folder.Path, "--json");
        Assert.AreEqual(3, code, errors);
        Assert.Contains(
            "folders without videos: 1 ('green')",
            JsonDocument.Parse(output).RootElement.GetProperty("warnings").EnumerateArray().Single().GetString()!);
    }

    [TestMethod]
    public void List_IsReadAsTheOptionsSay()
    {
        using DataSetFolder folder = new DataSetFolder().WithClip("a.mp4");
        System.IO.File.WriteAllText(folder["list.txt"], "red:7:a.mp4\n");
        (int code, _, string errors) = Tool.Run("validate", "--dataset", folder["list.txt"]);
        Assert.AreEqual(1, code);
        Assert.Contains("--separator", errors);
        (code, string output, errors) = Tool.Run(
            "validate", "--dataset", folder["list.txt"], "--separator", ":", "--path-column", "3", "--label-column", "1");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("1 of 1 videos can be read.", output);
        Assert.Contains("is read as utf-8 with ':' between fields, no header, paths in column 3, labels in column 1", errors);
        Assert.Contains("one character", Tool.Run("validate", "--dataset", "x", "--separator", "::").Errors);
        Assert.Contains("--encoding is 'klingon'", Tool.Run("validate", "--dataset", "x", "--encoding", "klingon").Errors);
    }
}
