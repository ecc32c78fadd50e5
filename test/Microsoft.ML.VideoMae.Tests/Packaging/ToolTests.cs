// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

[TestClass]
[TestCategory("Slow")]
public sealed class ToolTests
{
    [TestMethod]
    public void InstalledTool_TrainsPredictsAndInspects()
    {
        string folder = PackageFeed.NewFolder(),
            tools = Path.Combine(folder, "tools"),
            videomae = Path.Combine(tools, "videomae");
        DotNet.Run(
            folder, "tool", "install", "Microsoft.ML.VideoMae.Cli", "--tool-path", tools, "--add-source", PackageFeed.Folder, "--version",
            PackageFeed.Version);
        DotNet.Start(
            folder, videomae, succeeds: true, "train", "--dataset", TestClips.Folder, "--epochs", "2", "--name", "colours", "--output",
            folder);
        string zip = Path.Combine(folder, "colours.zip");
        Assert.IsTrue(File.Exists(zip));
        Assert.Contains("1.mp4", DotNet.Start(folder, videomae, succeeds: true, "predict", zip, TestClips.Clip("red", 1)));
        string card = DotNet.Start(folder, videomae, succeeds: true, "inspect", zip);
        Assert.Contains("2 labels: blue, red", card);
        // Of six videos of a class, one is kept for validation.
        Assert.Contains("Training clips per class: blue 5, red 5", card);
    }
}
