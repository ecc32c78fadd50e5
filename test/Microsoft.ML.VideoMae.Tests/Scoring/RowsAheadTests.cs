// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>Clips are read to places in one piece of memory that is used again: every row keeps its own.</summary>
[TestClass]
public sealed class RowsAheadTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class PixelRow
    {
        [VectorType(4 * 3 * 16 * 16)]
        public float[] Video { get; set; } = [];
    }

    private VideoMaeClassificationTransformer Fit(int testClips, bool flip)
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.OnScoringVideoError = VideoErrorPolicy.Skip;
        options.NumberOfTestClips = testClips;
        options.FlipTest = flip;
        return _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
    }

    [TestMethod]
    [DataRow(1, false)]  // batches of 32
    [DataRow(3, true)]   // 5 rows of 6 views
    [DataRow(20, true)]  // more views than a batch has clips
    public void EveryRow_HasTheScoreOfItsOwnVideo(int testClips, bool flip)
    {
        using VideoMaeClassificationTransformer model = Fit(testClips, flip);
        var random = new Random(1);
        MLVideo[] videos =
        [.. Enumerable.Range(0, 150 / testClips).Select(i => i % 7 == 3 ? MLVideo.CreateFromFile("gone.mp4") : Colour(random))];
        float[][] scores =
        [.. model.Transform(_ml.Data.LoadFromEnumerable(videos.Select(video => new Row { Video = video }))).GetColumn<float[]>("Score"),
        ];
        Assert.HasCount(videos.Length, scores);
        for (int i = 0; i < videos.Length; i++)
        {
            if (i % 7 == 3)
                Assert.IsTrue(scores[i].All(float.IsNaN), $"row {i}");
            else
                Assert.AreEqual(Alone(model, videos[i]), scores[i][0], 1e-5f, $"row {i}");
        }

        float[] known = [.. scores.Select(s => s[0]).Where(float.IsFinite)];
        Assert.IsGreaterThan(0.01f, known.Max() - known.Min(), "The videos have to differ in score for this to tell anything.");
    }

    [TestMethod]
    public void PixelColumns_HaveTheViewsThatAreThere()
    {
        using VideoMaeClassificationTransformer model = Fit(3, flip: true);
        float[][] clips = [.. Enumerable.Range(0, 40).Select(i => Enumerable.Repeat(i / 10f - 2, 4 * 3 * 16 * 16).ToArray())];
        float[][] scores =
        [
            .. model
                .Transform(_ml.Data.LoadFromEnumerable(clips.Select(clip => new PixelRow { Video = clip })))
                .GetColumn<float[]>("Score")];
        for (int i = 0; i < clips.Length; i++)
            Assert.AreEqual(Alone(model, MLVideo.CreateFromPixelValues(clips[i], "clip")), scores[i][0], 1e-5f, $"row {i}");
        Assert.IsGreaterThan(0.01f, scores.Max(s => s[0]) - scores.Min(s => s[0]), "The clips have to differ in score for this to tell " +
            "anything.");
    }

    private static float Alone(VideoMaeClassificationTransformer model, MLVideo video)
    {
        IReadOnlyList<KeyValuePair<string, float>> classes = model.Predict(video);
        return classes.MinBy(c => c.Key, StringComparer.Ordinal).Value;
    }

    private static MLVideo Colour(Random random)
    {
        var colour = new byte[3];
        random.NextBytes(colour);
        byte[] pixels = [.. Enumerable.Repeat(colour, 24 * 16 * 20).SelectMany(c => c)];
        return MLVideo.CreateFromFrames(new VideoFrames(pixels, 24, 16, 20));
    }
}
