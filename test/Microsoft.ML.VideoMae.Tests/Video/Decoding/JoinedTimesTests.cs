// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

[TestClass]
public sealed class JoinedTimesTests
{
    [TestMethod]
    public void Create_ReorderedFrames_AreOneRecording()
    {
        // I P B B P B B, in the order of decoding.
        int[] shown = [0, 3, 1, 2, 6, 4, 5];
        PacketIndex index = PacketIndex.Create([.. shown.Select((s, i) => new Packet(s / 10.0, (i - 1) / 10.0, i == 0))]);
        Assert.AreEqual(1, index.Pieces);
        AssertTimes([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], index);
    }

    [TestMethod]
    public void Create_TimesThatBeginAnew_FollowOneAnother()
    {
        List<Packet> packets = [.. Recording(5, 3, 0.1), .. Recording(5, 2, 0.5), .. Recording(1, 2, 0.2)];
        PacketIndex index = PacketIndex.Create(packets);
        Assert.AreEqual(3, index.Pieces);
        AssertTimes([5, 5.1, 5.2, 5.3, 5.8, 6.3, 6.5], index);
        Assert.AreEqual(3, index.KeyBefore(4), "the second recording begins with frame 3");
        Assert.AreEqual(5, packets[3].Time, "what was given is left as it was");
    }

    [TestMethod]
    public void Create_WithoutTimesOfDecoding_IsOneRecording() =>
        Assert.AreEqual(
            1,
            PacketIndex.Create([.. Enumerable.Range(0, 5).Select(i => new Packet((i * 3 % 5) / 10.0, double.NaN, true))]).Pieces);

    [TestMethod]
    public void Create_APacketWithoutATime_HasNoTimes()
    {
        PacketIndex index = PacketIndex.Create([new Packet(0, 0, true), new Packet(double.NaN, 0.1, false)]);
        Assert.AreEqual((2, 1, false), (index.Count, index.Pieces, index.HasTimes));
    }

    private static IEnumerable<Packet> Recording(double start, int count, double step)
        => Enumerable.Range(0, count).Select(i => new Packet(start + (i * step), start + (i * step), i == 0));

    private static void AssertTimes(double[] expected, PacketIndex index)
    {
        Assert.AreEqual(expected.Length, index.Times.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], index.Times[i], 1e-9, $"frame {i}");
    }
}
