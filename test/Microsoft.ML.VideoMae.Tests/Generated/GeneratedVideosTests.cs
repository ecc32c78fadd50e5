// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Generated;

[TestClass]
public sealed class GeneratedVideosTests
{
    private readonly MLContext _ml = new(1);

    /// <summary>
    /// A golden: rows and columns of some frames, so that a change of the generator is seen; libraries of mathematics may round
    /// differently.
    /// </summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(12345)]
    public void Clip_IsTheRecordedOne(int index)
    {
        using JsonDocument golden = ReferenceFiles.Json("weights/generated.json");
        JsonElement recorded = golden.RootElement.GetProperty($"{index}");
        GeneratedClip clip = Videos(20_000).Create(index);
        byte[] sample = Sample(clip);
        int[] expected = [.. recorded.GetProperty("pixels").EnumerateArray().Select(e => e.GetInt32())];
        Assert.HasCount(sample.Length, expected, $"[{string.Join(",", sample)}]");
        Assert.IsTrue(expected.Zip(sample).All(p => Math.Abs(p.First - p.Second) <= 1), $"[{string.Join(",", sample)}]");
        float[] flow = [.. clip.Displacement.ToArray().Where((_, i) => i % 37 == 0)],
            known = [.. recorded.GetProperty("displacement").EnumerateArray().Select(e => e.GetSingle())];
        Assert.IsTrue(known.Zip(flow).All(p => Math.Abs(p.First - p.Second) <= 1e-3f),
            $"[{string.Join(",", flow.Select(f => f.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)))}]");
    }

    /// <summary>Pixels move as the displacement says: block matching, which knows nothing of it, finds nearly the same.</summary>
    [TestMethod]
    public void Displacement_IsThatOfBlockMatching()
    {
        GeneratedVideos videos = _ml.Data.GenerateVideos(120);
        (float Known, float Matched)[] cells = [.. Enumerable.Range(0, 120).SelectMany(i => BlockMatching.Compare(videos.Create(i)))];
        (float Known, float Matched)[] moving = [.. cells.Where(c => Math.Abs(c.Known) > 0.5)];
        string text = FormattableString.Invariant(
            $"{cells.Length} values, {Near(cells):0.000} near; {moving.Length} that move, {Near(moving):0.000} near");
        Assert.IsGreaterThan(500, cells.Length, text);
        Assert.IsGreaterThan(50, moving.Length, text);
        Assert.IsGreaterThan(0.85, Near(cells), text);
        Assert.IsGreaterThan(0.75, Near(moving), text);
    }

    /// <summary>
    /// The share within a whole pixel over the three steps. The others are grain, half-transparent objects and blocks that get hidden.
    /// </summary>
    private static double Near((float Known, float Matched)[] cells) => cells.Average(c => Math.Abs(c.Known - c.Matched) < 0.35 ? 1.0 : 0);

    [TestMethod]
    public void SameSeed_GivesTheSame_InAnyOrderAndFromManyThreads()
    {
        GeneratedVideos videos = Videos(32);
        byte[][] forward = [.. Enumerable.Range(0, 32).Select(i => Sample(videos.Create(i)))];
        byte[][] parallel = new byte[32][];
        Parallel.For(0, 32, i => parallel[31 - i] = Sample(videos.Create(31 - i)));
        for (int i = 0; i < 32; i++)
            CollectionAssert.AreEqual(forward[i], parallel[i]);
        CollectionAssert.AreNotEqual(forward[0], forward[1]);
        CollectionAssert.AreNotEqual(forward[0], Sample(_ml.Data.GenerateVideos(32, seed: 2, frameSize: 32).Create(0)));
    }

    [TestMethod]
    public void View_HasAsManyRowsAsAsked_WithoutMakingThem()
    {
        GeneratedVideos videos = _ml.Data.GenerateVideos(10_000_000_000);
        Assert.AreEqual(10_000_000_000, videos.GetRowCount());
        using DataViewRowCursor cursor = videos.GetRowCursor([]);
        for (int i = 0; i < 1000; i++)
            Assert.IsTrue(cursor.MoveNext());
    }

    [TestMethod]
    public void Rows_AreReadAlikeByOneCursorAndByThree()
    {
        GeneratedVideos videos = Videos(7);
        Dictionary<ulong, float[]> one = Read([videos.GetRowCursor(videos.Schema)]), three = Read(videos.GetRowCursorSet(videos.Schema, 3));
        Assert.HasCount(7, one);
        CollectionAssert.AreEquivalent(one.Keys, three.Keys);
        foreach ((ulong id, float[] values) in one)
            CollectionAssert.AreEqual(values, three[id]);
    }

    [TestMethod]
    public void View_IsReadByTransformersOfVideos()
    {
        GeneratedVideos videos = Videos(3);
        IDataView pixels = _ml.Transforms.ExtractVideoPixels("Pixels", "Video", 16, 32).Fit(videos).Transform(videos);
        Assert.HasCount(3, pixels.GetColumn<float[]>("Pixels"));
        var type = (VectorDataViewType)videos.Schema["Displacement"].Type;
        CollectionAssert.AreEqual(new[] { 4, 8, 8, 2 }, type.Dimensions.ToArray());
    }

    [TestMethod]
    public void Scenes_HaveStillAndMovingCameras_AndMotionOfAllKinds()
    {
        GeneratedVideos videos = Videos(100);
        float[][] motion = [.. Enumerable.Range(0, 100).Select(i => videos.Create(i).Displacement.ToArray())];
        int still = motion.Count(m => m.Count(v => Math.Abs(v) < 1e-4) > m.Length / 2),
            moving = motion.Count(m => m.Count(v => Math.Abs(v) > 0.02) > m.Length / 2);
        Assert.IsInRange(15, 85, still);
        Assert.IsInRange(15, 85, moving);
        Assert.IsTrue(motion.All(m => m.All(float.IsFinite)));
        Assert.IsGreaterThan(0.05f, motion.Average(m => m.Average(Math.Abs)));
    }

    [TestMethod]
    [DataRow(0L, 16, 64, "count")]
    [DataRow(1L, 15, 64, "numberOfFrames")]
    [DataRow(1L, 16, 66, "frameSize")]
    [DataRow(1L, 16, 4096, "frameSize")]
    public void NumbersOutOfRange_AreNamed(long count, int frames, int size, string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => _ml.Data.GenerateVideos(count, 1, frames, size)).Message);

    [TestMethod]
    public void Row_ThatIsNotThere_IsRefused() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Videos(3).Create(3));

    private GeneratedVideos Videos(long count) => _ml.Data.GenerateVideos(count, frameSize: 32);

    /// <summary>Every 397th byte.</summary>
    private static byte[] Sample(GeneratedClip clip) => [.. clip.Frames.Pixels.ToArray().Where((_, i) => i % 397 == 0)];

    private static Dictionary<ulong, float[]> Read(DataViewRowCursor[] cursors)
    {
        var rows = new Dictionary<ulong, float[]>();
        foreach (DataViewRowCursor cursor in cursors)
        {
            using (cursor)
            {
                ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
                ValueGetter<VBuffer<float>> displacement = cursor.GetGetter<VBuffer<float>>(cursor.Schema["Displacement"]);
                while (cursor.MoveNext())
                {
                    DataViewRowId row = default;
                    VBuffer<float> values = default;
                    id(ref row);
                    displacement(ref values);
                    rows.Add(row.Low, values.DenseValues().ToArray());
                }
            }
        }

        return rows;
    }
}
