// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Live;
using Microsoft.ML.VideoMae.Windows;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Live;

/// <summary>Windows that are cut of frames as they arrive.</summary>
[TestClass]
public sealed class WindowCutterTests
{
    [TestMethod]
    public void Windows_AreThoseOfAFile_AndKeepsFewFrames()
    {
        var pool = new FramePool();
        var grid = new WindowGrid(2, 0.5);
        using var source = new WindowSource(MLVideo.CreateFromBytes(default, "live"));
        var cutter = new WindowCutter(grid, source, origin: 100);
        List<LivePart> parts = [];
        List<LiveFrame> frames = [];
        for (int i = 0; i < 103; i++)
        {
            var frame = new LiveFrame(pool, new byte[3], 1, 1) { Time = i / 10.0 };
            Assert.IsFalse(cutter.IsAfterGap(frame));
            frames.Add(frame);
            parts.AddRange(cutter.Add(frame));
        }

        parts.AddRange(cutter.Finish());
        (double Start, double End)[] expected = [.. grid.Ranges(new FrameTimeline(103, 10))];
        Assert.HasCount(expected.Length, parts);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(100 + expected[i].Start, parts[i].Start, 1e-6);
            Assert.AreEqual(100 + expected[i].End, parts[i].End, 1e-6);
            Assert.AreEqual(i == expected.Length - 1, parts[i].IsLast);
            Assert.AreEqual(20, parts[i].Window!.Range!.Held!.Timeline.FrameCount, $"window {i}");
        }

        Assert.AreEqual(0, frames.Count(IsFree), "windows hold them");
        foreach (LivePart part in parts)
            part.Release();
        Assert.AreEqual(103, frames.Count(IsFree), "nobody does any more");
        Assert.IsTrue(cutter.IsAfterGap(new LiveFrame(pool, new byte[3], 1, 1) { Time = 10.2 + 2.1 }));
    }

    private static bool IsFree(LiveFrame frame) => frame.IsFree;

    [TestMethod]
    public void FewFrames_AreOneWindow()
    {
        using var source = new WindowSource(MLVideo.CreateFromBytes(default, "live"));
        var cutter = new WindowCutter(new WindowGrid(2, 0.5), source, origin: 0);
        Assert.IsEmpty(cutter.Add(new LiveFrame(new FramePool(), new byte[3], 1, 1)).ToArray());
        LivePart only = cutter.Finish().Single();
        Assert.IsTrue(only.IsLast && only.End is > 0 and < 1);
        Assert.IsEmpty(new WindowCutter(new WindowGrid(2, 0.5), source, 0).Finish().ToArray());
    }
}
