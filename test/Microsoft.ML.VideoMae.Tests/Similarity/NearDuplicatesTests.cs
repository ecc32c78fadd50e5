// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Similarity;

/// <summary>Made near duplicates of real clips are found, and no others.</summary>
[TestClass]
public sealed class NearDuplicatesTests
{
    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";

        public string Split { get; set; } = "";
    }

    private static readonly Lazy<string> s_folder = new(Make);

    /// <summary>Clips of several people before one wall: pieces that follow each other in one video are not the same.</summary>
    private static string[] Originals =>
    [
        .. new[] { "bend", "jumping_jack", "one_hand_wave", "two_hands_wave" }.SelectMany(action =>
            new[] { 1, 2, 3 }.SelectMany(person => new[] { 1, 2 }.Select(piece =>
                ReferenceFiles.Video($"weizmann4/clips/{action}/p{person}_{action}_orig_{piece}.mp4")))),
    ];

    [TestMethod]
    public void Copies_AreFound_AndNothingElse()
    {
        var ml = new MLContext(1);
        Row[] rows = [.. Originals.Concat(Directory.GetFiles(s_folder.Value)).Select(p => new Row { VideoPath = p })];
        VideoValidationReport report = ml.Data.ValidateVideos(ml.Data.LoadFromEnumerable(rows));
        VideoNearDuplicate[] wrong = [.. report.NearDuplicates.Where(p => OriginalOf(p.First) != OriginalOf(p.Second))];
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong.AsEnumerable()));
        HashSet<string> found = [.. report.NearDuplicates
            .Where(p => Originals.Contains(p.First)).Select(p => p.Second)];
        string[] copies = Directory.GetFiles(s_folder.Value), missed = [.. copies.Where(c => !found.Contains(c))];
        Assert.IsLessThanOrEqualTo(0.05 * copies.Length, missed.Length, string.Join(Environment.NewLine, missed));
        foreach (VideoNearDuplicate pair in report.NearDuplicates.Where(p => Originals.Contains(p.First)))
            Assert.AreEqual(pair.Second.Contains("mirrored", StringComparison.Ordinal), pair.IsMirrored, pair.ToString());
        Assert.IsTrue(report.IsClean, "nobody said which are in which part");
    }

    [TestMethod]
    public void PairsAcrossPartsAndClasses_AreTold_AndOthersNot()
    {
        var ml = new MLContext(1);
        string original = Originals[0];
        string Copy(string kind) => Directory.GetFiles(s_folder.Value, $"*{kind}*")
            .First(p => OriginalOf(p) == OriginalOf(original));
        Row[] rows =
        [
            new() { VideoPath = original, Label = "bend", Split = "train" },
            new() { VideoPath = Copy("anew"), Label = "bend", Split = "train" },
            new() { VideoPath = Copy("mirrored"), Label = "bend", Split = "test" },
            new() { VideoPath = Copy("shifted"), Label = "wave", Split = "train" },
        ];
        VideoValidationReport report = ml.Data.ValidateVideos(ml.Data.LoadFromEnumerable(rows), labelColumnName: "Label", splitColumnName: "Split");
        Assert.IsFalse(report.IsClean);
        Assert.HasCount(5, report.NearDuplicates, report.ToString());
        StringAssert.Contains(report.ToString(), "They are in train and test: results are too good.");
        StringAssert.Contains(report.ToString(), "They are labelled bend and wave.");
        VideoNearDuplicate shifted = report.NearDuplicates.First(p => p.First == original && p.Second == Copy("shifted"));
        Assert.AreEqual(0.3, Math.Abs(shifted.Shift.TotalSeconds), 0.06, "it begins so much later");
        Assert.IsEmpty(ml.Data.ValidateVideos(
            ml.Data.LoadFromEnumerable(rows), labelColumnName: "Label", splitColumnName: "Split", findNearDuplicates: false).NearDuplicates);
    }

    [TestMethod]
    public void Stills_AreComparedAsPictures()
    {
        string folder = TestClips.NewFolder();
        string[] colours = ["smptebars", "smptebars", "testsrc2"];
        for (int i = 0; i < colours.Length; i++)
        {
            TestClips.Ffmpeg("-f", "lavfi", "-i", $"{colours[i]}=size=64x48:rate=10:duration=0.1", "-vf", "loop=9:1:0", "-crf", $"{18 + (10 * i)}",
                "-pix_fmt", "yuv420p", Path.Combine(folder, $"{i}.mp4"));
        }

        var ml = new MLContext(1);
        VideoValidationReport report = ml.Data.ValidateVideos(ml.Data.LoadUnlabeledVideosFromDirectory(folder));
        VideoNearDuplicate pair = report.NearDuplicates.Single();
        CollectionAssert.AreEqual(new[] { "0.mp4", "1.mp4" }, new[] { pair.First, pair.Second }.Select(Path.GetFileName).ToArray());
        Directory.Delete(folder, recursive: true);
    }

    private static string OriginalOf(string path) => Path.GetFileNameWithoutExtension(path).Split('-')[0];

    /// <summary>Copies of every second clip, by one run of ffmpeg.</summary>
    private static string Make()
    {
        string folder = TestClips.NewFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        (string Name, string[] Arguments)[] copies =
        [
            ("anew", ["-crf", "24"]),
            ("resized", ["-vf", "scale=48:48"]),
            ("cut", ["-vf", "trim=start_frame=4:end_frame=25,setpts=PTS-STARTPTS"]),
            ("mirrored", ["-vf", "hflip"]),
            ("shifted", ["-vf", "trim=start=0.3,setpts=PTS-STARTPTS"]),
        ];
        var inputs = new List<string>();
        var outputs = new List<string>();
        string[] originals = [.. Originals.Where((_, i) => i % 2 == 0)];
        for (int i = 0; i < originals.Length; i++)
        {
            inputs.AddRange(["-i", originals[i]]);
            foreach ((string name, string[] arguments) in copies)
                outputs.AddRange(["-map", $"{i}:v", .. arguments, "-threads", "1", Path.Combine(folder, $"{OriginalOf(originals[i])}-{name}.mp4")]);
        }

        TestClips.Ffmpeg([.. inputs, .. outputs]);
        return folder;
    }
}
