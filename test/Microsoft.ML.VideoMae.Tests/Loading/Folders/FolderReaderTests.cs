// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading.Folders;

/// <summary>Files and folders that cannot be used, and links.</summary>
[TestClass]
public sealed class FolderReaderTests
{
    private readonly DataSetFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void NameThatIsNotUtf8_IsNamed_AndTheRestIsUsed()
    {
        _folder.With("red/1.mp4", "blue/1.mp4").WithNotUtf8("red");
        CollectionAssert.AreEqual(new[] { "blue: blue/1.mp4", "red: red/1.mp4" }, _folder.Load());
        Assert.Contains("names that are not UTF-8, so that they cannot be opened: 1 ('red/caf\uFFFD.mp4')", _folder.Warning);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("train")]
    public void FolderWhoseNameIsNotUtf8_IsNamed_AsAClassAndBesideParts(string parent)
    {
        _folder.With("train/red/1.mp4", "train/blue/1.mp4", "val/red/1.mp4").WithFolderThatIsNotUtf8(parent);
        Assert.HasCount(3, _folder.Load());
        Assert.Contains("names that are not UTF-8, so that they cannot be opened: 1 (", _folder.Warning);
        Assert.Contains("gr\uFFFDn", _folder.Warning);
        Assert.DoesNotContain("folders without videos", _folder.Warning);
    }

    [TestMethod]
    public void UnknownEndings_AreCountedByEnding_AndAClassWithoutVideosIsNamed()
    {
        _folder.With("red/1.mp4", "blue/1.mp4", "green/1.xyz", "green/2.xyz", "green/3", "red/notes.txt");
        CollectionAssert.AreEqual(new[] { "blue: blue/1.mp4", "red: red/1.mp4" }, _folder.Load());
        Assert.Contains("folders without videos: 1 ('green')", _folder.Warning);
        Assert.Contains("other files: 4 (2 .xyz, 1 without an ending, 1 .txt), such as 'green/1.xyz'", _folder.Warning);
    }

    [TestMethod]
    public void ManyOfAKind_AreCounted_AndTheFirstAreNamed()
    {
        _folder.With("red/1.mp4", "blue/1.mp4").With([.. Enumerable.Range(1, 12).Select(i => $"{i}.mp4")]);
        _folder.Load();
        Assert.Contains("videos in no class folder: 12 ('1.mp4', '2.mp4', '3.mp4', ...)", _folder.Warning);
    }

    [TestMethod]
    public void FolderThatCannotBeListed_IsNamed_AndTheRestIsUsed()
    {
        _folder.With("red/1.mp4", "blue/1.mp4", "blue/secret/2.mp4");
        string secret = _folder["blue/secret"];
        FolderNode root = new FolderReader(list: path => path == secret
            ? throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.")
            : new DirectoryInfo(path).EnumerateFileSystemInfos()).Read(_folder.Path);
        var leftOut = new LeftOut(_folder.Path);
        string[] clips = [.. DataSetLayout.Classes(root, hasParts: false, leftOut).SelectMany(c => c.Class.Clips())];
        CollectionAssert.AreEqual(new[] { _folder["blue/1.mp4"], _folder["red/1.mp4"] }, clips);
        Assert.AreEqual(
            $"Left out of '{_folder.Path}': folders that cannot be listed: 1 ('blue/secret'); look at their permissions.",
            leftOut.ToString());
    }

    [TestMethod]
    public void FolderThatIsGone_WhenItIsListed_IsNamed()
    {
        _folder.With("red/1.mp4");
        IEnumerable<FileSystemInfo> List(string path) => path == _folder.Path
            ? [new DirectoryInfo(_folder["red"]), new DirectoryInfo(_folder["gone"])]
            : new DirectoryInfo(path).EnumerateFileSystemInfos();
        var leftOut = new LeftOut(_folder.Path);
        DataSetLayout.Classes(new FolderReader(list: List).Read(_folder.Path), hasParts: false, leftOut).Count();
        Assert.Contains("cannot be listed: 1 ('gone')", leftOut.ToString());
    }

    [TestMethod]
    public void LinksToFilesAndFolders_AreFollowed_AndBrokenOnesNamed()
    {
        _folder.With("store/a/1.mp4", "data/blue/1.mp4").WithEmpty("store/empty.mp4");
        Directory.CreateDirectory(_folder["data/green"]);
        Directory.CreateSymbolicLink(_folder["data/red"], _folder["store/a"]);
        File.CreateSymbolicLink(_folder["data/green/linked.mp4"], _folder["store/a/1.mp4"]);
        File.CreateSymbolicLink(_folder["data/green/broken.mp4"], _folder["store/gone.mp4"]);
        File.CreateSymbolicLink(_folder["data/green/empty.mp4"], _folder["store/empty.mp4"]);
        File.CreateSymbolicLink(_folder["data/green/self.mp4"], _folder["data/green/self.mp4"]);
        CollectionAssert.AreEqual(new[] { "blue: blue/1.mp4", "green: green/linked.mp4", "red: red/1.mp4" }, _folder.Load(_folder["data"]));
        Assert.Contains("empty files (0 bytes): 1 ('green/empty.mp4')", _folder.Warning);
        Assert.Contains("links that lead to no file: 2 ('green/broken.mp4', 'green/self.mp4')", _folder.Warning);
    }

    [TestMethod]
    public void LinkInACircle_IsNamed_AndListedOnce()
    {
        _folder.With("red/1.mp4", "blue/1.mp4");
        Directory.CreateSymbolicLink(_folder["red/up"], _folder.Path);
        CollectionAssert.AreEqual(new[] { "blue: blue/1.mp4", "red: red/1.mp4" }, _folder.Load());
        Assert.Contains("links to a folder that they are in: 1 ('red/up')", _folder.Warning);
    }
}
