// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Timelines;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Timelines;

/// <summary>How windows become segments.</summary>
[TestClass]
public sealed class SegmentJoinerTests
{
    private static readonly string[] s_labels = ["walk", "wave"];

    private static JoiningRule Rule(double shortest = 1, int other = -1) => new(0.5, 0.5f, 0.35f, shortest, other);

    [TestMethod]
    public void Class_IsSaidOnce_WithStartAndEnd()
    {
        // A window of 2 s is as sure as the share of it that is in the segment: from 3 to 7 s.
        VideoSegment segment = Join(Rule(), 20, t => [Share(t, 3, 7), 0.1f]).Single();
        Assert.AreEqual("walk", segment.Label);
        Assert.AreEqual(3, segment.Start.TotalSeconds, 0.51);
        Assert.AreEqual(7, segment.End.TotalSeconds, 0.51);
        Assert.IsTrue(segment.Probability is > 0.6f and <= 1, segment.ToString());
    }

    [TestMethod]
    public void Hysteresis_KeepsASegmentOverAWeakMoment()
    {
        VideoSegment[] segments = Join(Rule(), 20, t => [t is > 8 and < 12 ? 0.4f : 0.9f, 0.1f]);
        Assert.HasCount(1, segments);
        Assert.AreEqual((0.0, 20.0), (segments[0].Start.TotalSeconds, segments[0].End.TotalSeconds));
        Assert.HasCount(2, Join(Rule(), 20, t => [t is > 7 and < 13 ? 0.1f : 0.9f, 0.1f]));
    }

    [TestMethod]
    public void AnotherClassAhead_EndsASegment()
    {
        VideoSegment[] segments = Join(Rule(), 20, t => t < 10 ? [0.9f, 0.1f] : [0.45f, 0.55f]);
        CollectionAssert.AreEqual(s_labels, segments.Select(s => s.Label).ToArray());
        Assert.AreEqual(segments[0].End, segments[1].Start);
    }

    [TestMethod]
    public void ShortSegments_AreLeftOut_AndShortBreaksClosed()
    {
        Assert.IsEmpty(Join(Rule(shortest: 3), 20, t => [Share(t, 9, 11), 0]));
        VideoSegment[] segments = Join(Rule(shortest: 3), 20, t => [1 - Share(t, 9, 11), 0]);
        Assert.HasCount(1, segments);
        Assert.HasCount(2, Join(Rule(shortest: 1), 20, t => [1 - Share(t, 8, 12), 0]));
    }

    [TestMethod]
    public void OtherClass_AndUnreadWindows_HaveNoSegments()
    {
        Assert.IsEmpty(Join(Rule(other: 0), 20, _ => [0.9f, 0.1f]));
        VideoSegment[] segments = Join(Rule(), 20, t => t is >= 6 and <= 14 ? null : [0.9f, 0]);
        Assert.HasCount(2, segments);
        Assert.IsLessThanOrEqualTo(7, segments[0].End.TotalSeconds);
    }

    [TestMethod]
    public void Segments_ComeBeforeTheEnd()
    {
        var joiner = new SegmentJoiner(s_labels, Rule());
        for (double t = 0; t < 100; t += 0.5)
        {
            if (joiner.Add(Window(t, [Share(t + 1, 3, 7), 0])).Any())
            {
                Assert.IsLessThan(11, t, "the delay is bounded");
                return;
            }
        }

        Assert.Fail("A recording without end would never say it.");
    }

    private static float Share(double middle, double from, double to) =>
        (float)Math.Clamp((Math.Min(middle + 1, to) - Math.Max(middle - 1, from)) / 2, 0, 1);

    private static VideoWindowScore Window(double start, float[]? scores) =>
        new(TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(start + 2), scores);

    /// <param name="rule">The rule.</param>
    /// <param name="end">The end of the video.</param>
    /// <param name="scores">The scores of a window by its middle.</param>
    private static VideoSegment[] Join(JoiningRule rule, double end, Func<double, float[]?> scores)
    {
        var joiner = new SegmentJoiner(s_labels, rule);
        var segments = new List<VideoSegment>();
        for (double t = 0; t <= end - 2; t += 0.5)
            segments.AddRange(joiner.Add(Window(t, scores(t + 1))));
        segments.AddRange(joiner.Finish());
        return [.. segments];
    }
}
