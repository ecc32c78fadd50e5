// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Tests.Loading.Folders;

/// <summary>Folders of pictures are clips.</summary>
[TestClass]
public sealed class FrameFolderTests
{
    private readonly DataSetFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void FoldersOfPictures_AreClips_OfClassesAndOfParts()
    {
        _folder.With("train/red/1/0.jpg", "train/red/2/0.jpeg", "train/blue/deeper/1/0.PNG", "val/red/3/0.jpg", "val/blue/4/0.jpg");
        CollectionAssert.AreEqual(
            new[] { "blue: train/blue/deeper/1", "red: train/red/1", "red: train/red/2", "blue: val/blue/4", "red: val/red/3" },
            _folder.Load());
        Assert.IsEmpty(_folder.Warnings);
    }

    [TestMethod]
    public void PicturesBesideVideos_AreLeftOutAndCounted()
    {
        _folder.With("red/1.mp4", "red/cover.jpg", "red/2/0.jpg", "blue/thumbnail.png", "blue/1/0.jpg");
        CollectionAssert.AreEqual(new[] { "blue: blue/1", "red: red/1.mp4", "red: red/2" }, _folder.Load());
        Assert.Contains("pictures beside videos: 2 ('blue/thumbnail.png', 'red/cover.jpg')", _folder.Warnings[0]);
        Assert.Contains("2 of 3 clips are folders of pictures, such as", _folder.Warnings[1]);
    }

    [TestMethod]
    [DataRow("red/1.mp4", "blue/1.mp4", "thumbnails/0.jpg", DisplayName = "beside classes")]
    [DataRow("train/red/1.mp4", "train/blue/1.mp4", "train/thumbnails/0.jpg", DisplayName = "in a part")]
    [DataRow("train/red/1.mp4", "train/blue/1.mp4", "thumbnails/0.jpg", DisplayName = "beside the only part")]
    public void FolderOfPicturesAlone_BesideClassesWithClips_IsNoClass(string red, string blue, string picture)
    {
        _folder.With(red, blue, picture);
        CollectionAssert.AreEquivalent(new[] { $"red: {red}", $"blue: {blue}" }, _folder.Load());
        Assert.Contains("thumbnails", _folder.Warning);
    }

    [TestMethod]
    public void PicturesDirectlyInAClassFolder_AreOneClip_WhichIsSaid()
    {
        _folder.With("red/0.jpg", "red/1.jpg", "blue/0.jpg");
        CollectionAssert.AreEqual(new[] { "blue: blue", "red: red" }, _folder.Load());
        Assert.Contains("'blue', 'red' hold pictures and no folders: each is taken for one clip", _folder.Warning);
    }

    [TestMethod]
    public void Unlabeled_TakesEverythingBelow_OrWhatIsDirectlyInIt()
    {
        _folder.With("a.mp4", "README.md", "frames/0.jpg", "more/b.mp4", "more/frames/0.jpg");
        CollectionAssert.AreEqual(new[] { "a.mp4", "frames", "more/b.mp4", "more/frames" }, _folder.LoadUnlabeled());
        Assert.Contains("other files: 1 (1 .md), such as 'README.md'", _folder.Warnings[0]);
        Assert.Contains("2 of 4 clips are folders of pictures", _folder.Warnings[1]);
        CollectionAssert.AreEqual(new[] { "a.mp4", "frames" }, _folder.LoadUnlabeled(includeSubfolders: false));
        Assert.Contains("folders in it, which are not looked into: 1 ('more')", _folder.Warnings[2]);
    }

    [TestMethod]
    public void Unlabeled_OfAFolderOfPictures_IsThatFolder()
    {
        _folder.With("0.jpg", "1.jpg");
        CollectionAssert.AreEqual(new[] { "." }, _folder.LoadUnlabeled());
        CollectionAssert.AreEqual(new[] { "." }, _folder.LoadUnlabeled(includeSubfolders: false));
        Assert.Contains("has 2 pictures that are in no class folder, the frames of one clip", _folder.Fail());
    }

    [TestMethod]
    public void Frames_AreRead_AndTheSameOnesInTwoPartsAreALeak()
    {
        _folder
            .WithFrames("train/red/1", SKColors.Red)
            .WithFrames("train/blue/1", SKColors.Blue, extension: ".jpg")
            .WithFrames("test/red/2", SKColors.Red);
        IDataView data = _folder.ML.Data.LoadVideosFromDirectory(_folder.Path);
        VideoValidationReport report = _folder.ML.Data.ValidateVideos(data, labelColumnName: "Label", splitColumnName: "Split");
        Assert.IsEmpty(report.Problems);
        CollectionAssert.AreEqual(new[] { _folder["test/red/2"], _folder["train/red/1"] }, report.Duplicates.Single().Videos.ToArray());
        Assert.IsTrue(report.Duplicates.Single().IsLeak);
    }

    [TestMethod]
    public void IsFrameFolder_AsksForPicturesWithoutVideos()
    {
        _folder.With("frames/0.jpg", "mixed/0.jpg", "mixed/1.m2ts", "videos/1.mp4", "hidden/.0.jpg");
        Assert.IsTrue(VideoFiles.IsFrameFolder(_folder["frames"]));
        foreach (string name in (string[])["mixed", "videos", "hidden", "nowhere", "videos/1.mp4"])
            Assert.IsFalse(VideoFiles.IsFrameFolder(_folder[name]), name);
    }
}
