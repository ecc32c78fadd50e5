// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

[TestClass]
public sealed class BlockMatcherTests
{
    private static readonly BlockMatcher s_matcher = new(MovingTexture.Height, MovingTexture.Width);

    private static Vector2[] Match(byte[] from, byte[] to)
    {
        var displacements = new Vector2[s_matcher.Rows * s_matcher.Columns];
        s_matcher.Match(from, to, displacements);
        return displacements;
    }

    /// <summary>The blocks from which everything in reach lies in the frame.</summary>
    private static IEnumerable<(int Left, int Top, Vector2 Moved)> Inner(Vector2[] displacements) =>
        from row in Enumerable.Range(1, s_matcher.Rows - 2)
        from column in Enumerable.Range(1, s_matcher.Columns - 2)
        select (column * BlockMatcher.Step, row * BlockMatcher.Step, displacements[(row * s_matcher.Columns) + column]);

    [TestMethod]
    [DataRow(3, 0)]
    [DataRow(-2, 0)]
    [DataRow(0, 4)]
    [DataRow(0, -1)]
    [DataRow(2, -3)]
    [DataRow(-4, -4)]
    public void WholePixels_AreFoundExactlyButForTheParabola(int x, int y)
    {
        Vector2[] moved = Match(MovingTexture.Frame(), MovingTexture.Frame(new Vector2(x, y)));
        foreach ((int left, int top, Vector2 d) in Inner(moved))
        {
            Assert.AreEqual(x, d.X, 0.3f, $"block at {left}, {top}");
            Assert.AreEqual(y, d.Y, 0.3f, $"block at {left}, {top}");
        }

        Assert.AreEqual(x, Inner(moved).Average(b => b.Moved.X), 0.05);
        Assert.AreEqual(y, Inner(moved).Average(b => b.Moved.Y), 0.05);
    }

    [TestMethod]
    [DataRow(0.5f, 0f)]
    [DataRow(1.25f, 0f)]
    [DataRow(0f, -2.75f)]
    [DataRow(-1.5f, 0.75f)]
    [DataRow(2.3f, 3.4f)]
    public void PartsOfAPixel_AreFoundWithinAFifth(float x, float y)
    {
        (int, int, Vector2 Moved)[] inner = [.. Inner(Match(MovingTexture.Frame(), MovingTexture.Frame(new Vector2(x, y))))];
        Assert.AreEqual(x, inner.Average(b => b.Moved.X), 0.2);
        Assert.AreEqual(y, inner.Average(b => b.Moved.Y), 0.2);
        Assert.IsLessThan(1f, inner.Max(b => (b.Moved - new Vector2(x, y)).Length()), "no block is lost");
    }

    [TestMethod]
    [DataRow(0.06f)]
    [DataRow(-0.1f)]
    public void Turn_IsMeasuredWithinATenth(float radians)
    {
        Vector2[] moved = Match(MovingTexture.Frame(), MovingTexture.Frame(turn: radians));
        (float growth, float rotation) = new MotionHistogram(s_matcher, MovingTexture.Height, MovingTexture.Width).AboutCentre(moved);
        Assert.AreEqual(radians, rotation, Math.Abs(radians) / 10);
        Assert.AreEqual(0, growth, Math.Abs(radians) / 10);
    }

    [TestMethod]
    [DataRow(1.08f)]
    [DataRow(0.92f)]
    public void Zoom_IsMeasuredWithinATenth(float factor)
    {
        Vector2[] moved = Match(MovingTexture.Frame(), MovingTexture.Frame(zoom: factor));
        (float growth, float rotation) = new MotionHistogram(s_matcher, MovingTexture.Height, MovingTexture.Width).AboutCentre(moved);
        Assert.AreEqual(factor - 1, growth, Math.Abs(factor - 1) / 10);
        Assert.AreEqual(0, rotation, Math.Abs(factor - 1) / 10);
    }

    [TestMethod]
    public void BlocksWithoutTexture_StandStill()
    {
        byte[] flat = new byte[MovingTexture.Height * MovingTexture.Width], brighter = new byte[flat.Length];
        Array.Fill(brighter, (byte)40);
        Assert.IsTrue(Match(flat, brighter).All(d => d == Vector2.Zero));
        Assert.IsTrue(Match(flat, MovingTexture.Frame()).All(d => d == Vector2.Zero));
    }

    [TestMethod]
    public void EveryDisplacement_MatchesPlainLoops()
    {
        var random = new Random(3);
        var from = new byte[MovingTexture.Height * MovingTexture.Width];
        random.NextBytes(from);
        byte[] to = [.. from];
        for (int i = 0; i < to.Length; i += 3)
            to[i] = (byte)random.Next(256);
        Vector2[] moved = Match(from, to);
        for (int i = 0; i < moved.Length; i++)
        {
            (int x, int y) best = Plain(from, to, i % s_matcher.Columns * BlockMatcher.Step, i / s_matcher.Columns * BlockMatcher.Step);
            Assert.IsLessThanOrEqualTo(0.5f, Math.Abs(moved[i].X - best.x));
            Assert.IsLessThanOrEqualTo(0.5f, Math.Abs(moved[i].Y - best.y));
        }
    }

    [TestMethod]
    public void FramesOfAnotherSize_AreRefused() =>
        Assert.Contains("needs 3072", Assert.ThrowsExactly<ArgumentException>(() => Match(new byte[10], new byte[10])).Message);

    private static (int X, int Y) Plain(byte[] from, byte[] to, int left, int top)
    {
        (double Cost, int X, int Y) best = (double.MaxValue, 0, 0);
        for (int y = -BlockMatcher.Reach; y <= BlockMatcher.Reach; y++)
        {
            for (int x = -BlockMatcher.Reach; x <= BlockMatcher.Reach; x++)
            {
                if (left + x < 0
                    || top + y < 0
                    || left + x + BlockMatcher.Block > MovingTexture.Width
                    || top + y + BlockMatcher.Block > MovingTexture.Height)
                    continue;
                double cost = 0.02 * 255 * Math.Sqrt((x * x) + (y * y));
                for (int p = 0; p < BlockMatcher.Block * BlockMatcher.Block; p++)
                {
                    int row = top + (p / BlockMatcher.Block), column = left + (p % BlockMatcher.Block);
                    cost += Math.Abs(from[(row * MovingTexture.Width) + column] - to[((row + y) * MovingTexture.Width) + column + x]);
                }

                if (cost < best.Cost)
                    best = (cost, x, y);
            }
        }

        return (best.X, best.Y);
    }
}
