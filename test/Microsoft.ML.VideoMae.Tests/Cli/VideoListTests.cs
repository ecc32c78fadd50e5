// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>What folders and wildcards on a command line stand for.</summary>
[TestClass]
public sealed class VideoListTests
{
    private readonly DataSetFolder _folder = new();
    private readonly List<string> _notes = [];

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void Folder_GivesItsVideos_AndOneLineCountsTheRest()
    {
        _folder.With("10.mp4", "9.m2ts", "README.md", "notes.txt", "frames/0.jpg").WithNotUtf8("");
        CollectionAssert.AreEqual(new[] { "9.m2ts", "10.mp4", "frames" }, Expand(_folder.Path));
        Assert.Contains("other files: 2 (1 .md, 1 .txt)", _folder.Warnings[0]);
        Assert.Contains("names that are not UTF-8", _folder.Warnings[0]);
    }

    [TestMethod]
    public void FolderOfFrames_IsOneClip()
    {
        _folder.With("0.jpg", "1.jpg");
        CollectionAssert.AreEqual(new[] { _folder.Path }, new VideoList(_folder.ML, _notes.Add).Expand([_folder.Path]));
    }

    [TestMethod]
    public void Wildcard_FindsVideosAndFrames_AndSaysWhatElse()
    {
        _folder.With("a.mp4", "README.md", "frames/0.jpg", "more/b.mp4");
        CollectionAssert.AreEqual(new[] { "a.mp4", "frames" }, Expand(_folder["*"]));
        Assert.Contains("2 that are no videos", _notes.Single());
        CollectionAssert.AreEqual(new[] { "README.md" }, Expand(_folder["*.md"]), "an ending that is asked for");
    }

    [TestMethod]
    public void NamedFile_IsTakenWhateverItIs()
    {
        _folder.With("README.md");
        CollectionAssert.AreEqual(new[] { "README.md" }, Expand(_folder["README.md"]));
        Assert.Contains("is not UTF-8", Assert.ThrowsExactly<FileNotFoundException>(() => Expand(_folder["caf\uFFFD.mp4"])).Message);
    }

    private string[] Expand(string argument) =>
        [.. new VideoList(_folder.ML, _notes.Add).Expand([argument]).Select(p => Path.GetRelativePath(_folder.Path, p))];
}
