// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Explanation;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Explanation;

[TestClass]
public sealed class ExplanationTests
{
    [TestMethod]
    public void Rollout_FollowsTheDefinition()
    {
        using DisposeScope scope = NewDisposeScope();
        // Two tokens; the first block only looks at token 0, the second at itself.
        Tensor first = tensor(new float[] { 1, 0, 1, 0 }, [1, 1, 2, 2]), second = eye(2).reshape(1, 1, 2, 2);
        float[] shares = AttentionRollout.Compute([first, second]);
        // After block 1 token 0 is token 0, token 1 is half of each; block 2 changes nothing.
        Assert.AreEqual(0.75f, shares[0], 1e-6f);
        Assert.AreEqual(0.25f, shares[1], 1e-6f);
    }

    [TestMethod]
    public void Rollout_AveragesHeads()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor heads = tensor(new float[] { 1, 0, 1, 0, 0, 1, 0, 1 }, [1, 2, 2, 2]); // One head looks at token 0, the other at token 1.
        CollectionAssert.AreEqual(new[] { 0.5f, 0.5f }, AttentionRollout.Compute([heads]));
    }

    [TestMethod]
    public void Explain_GivesMapsThatAddUpAndAPicture()
    {
        var ml = new MLContext(1);
        using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
        MLVideo video = MLVideo.CreateFromFile(TestClips.Clip("blue", 1));
        VideoMaeExplanation explanation = model.Explain(video);
        Assert.AreEqual((2, 4, 4), (explanation.Tubelets, explanation.MapHeight, explanation.MapWidth)); // 4 frames, tubelets of 2; 32 / 8
        float[] all = [.. explanation.Map(0), .. explanation.Map(1)];
        Assert.AreEqual(1, all.Sum(), 1e-4);
        Assert.IsTrue(all.All(s => s > 0));
        Assert.AreEqual(model.Predict(video)[0].Key, explanation.Prediction[0].Key);
        Assert.AreEqual(model.Predict(video)[0].Value, explanation.Prediction[0].Value, 1e-5f);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => explanation.Map(2).ToArray());

        string folder = TestClips.NewFolder(), path = Path.Combine(folder, "looked.png");
        explanation.SavePng(path);
        using SKBitmap picture = SKBitmap.Decode(path);
        Directory.Delete(folder, recursive: true);
        Assert.AreEqual(2 * 96 + 4, picture.Width);
        Assert.AreEqual(2 * 96 + 4, picture.Height);
        SKColor original = picture.GetPixel(48, 48);
        Assert.IsTrue(original.Blue > original.Red + 50, $"the frame is blue: {original}");
        Assert.IsTrue(picture.GetPixel(48, 48 + 100).Blue <= original.Blue);
    }

    /// <summary>Clips of noise, where a place at the lower right is bright in one class: the answer rests on that place.</summary>
    [TestMethod]
    public void Occlusion_FindsThePlaceThatDecides()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        Seen[] clips = [.. Enumerable.Range(0, 24).Select(i => new Seen { Video = Noise(random, isBright: i % 2 == 0), Label = $"{i % 2}" })];
        IDataView data = ml.Data.LoadFromEnumerable(clips);
        ITransformer keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        using VideoExperimentResult result = ml.MulticlassClassification
            .CreateVideoExperiment(new VideoExperimentSettings { Candidates = [VideoExperimentCandidate.Pixels] })
            .Execute(keys.Transform(data));
        VideoOcclusion occlusion = ml.MulticlassClassification.ExplainVideo(
            result.BestRun.Model!, clips[0].Video, new VideoOcclusionOptions { Rows = 3, Columns = 4 });
        Assert.AreEqual((3, 4), (occlusion.MapHeight, occlusion.MapWidth));
        Assert.AreEqual("0", occlusion.Prediction[0].Key);
        float[] map = occlusion.Map.ToArray();
        Assert.AreEqual(11, Array.IndexOf(map, map.Max()), string.Join(", ", map));
        Assert.IsGreaterThan(4 * map.Take(11).Max(), map[11], string.Join(", ", map));

        string path = Path.Combine(TestClips.NewFolder(), "rests.png");
        occlusion.SavePng(path);
        using SKBitmap picture = SKBitmap.Decode(path);
        Assert.AreEqual((6 * (128 + 4) - 4, 2 * 96 + 4), (picture.Width, picture.Height), "6 frames of 64x48, twice as large");
        Assert.AreEqual(picture.GetPixel(120, 90), picture.GetPixel(120, 190), "the place that decides is as bright as it was");
        Assert.IsLessThan(picture.GetPixel(10, 10).Red / 2, picture.GetPixel(10, 110).Red);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.ExplainVideo(
                result.BestRun.Model!, clips[0].Video, new VideoOcclusionOptions { Rows = 0 })).Message, "Rows is 0");
    }

    /// <summary>The same clips, where the place says yes, or a number.</summary>
    [TestMethod]
    public void Occlusion_FindsWhatYesAndNumbersRestOn()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        Answered[] clips = [.. Enumerable.Range(0, 24).Select(i => new Answered
        {
            Video = Noise(random, isBright: i % 2 == 0),
            IsBright = i % 2 == 0,
            Number = i % 2 == 0 ? 30 : 10,
        })];
        IDataView data = ml.Data.LoadFromEnumerable(clips);
        VideoExperimentSettings Plain() => new() { Candidates = [VideoExperimentCandidate.Pixels] };
        using VideoExperimentResult answers = ml.BinaryClassification.CreateVideoExperiment(Plain())
            .Execute(data, nameof(Answered.IsBright)), numbers = ml.Regression.CreateVideoExperiment(Plain())
            .Execute(data, nameof(Answered.Number));
        var options = new VideoOcclusionOptions { Rows = 3, Columns = 4 };
        VideoOcclusion answer = ml.BinaryClassification.ExplainVideo(answers.BestRun.Model!, clips[0].Video, options),
            number = ml.Regression.ExplainVideo(numbers.BestRun.Model!, clips[0].Video, options);
        Assert.AreEqual("True", answer.Prediction[0].Key);
        Assert.AreEqual(1, answer.Prediction.Sum(p => p.Value), 1e-5);
        Assert.AreEqual("Score", number.Prediction.Single().Key);
        Assert.AreEqual(30, number.Prediction[0].Value, 3);
        foreach (float[] map in (float[][])[answer.Map.ToArray(), number.Map.ToArray()])
        {
            Assert.AreEqual(11, Array.IndexOf(map, map.Max()), string.Join(", ", map));
            Assert.IsGreaterThan(4 * map.Take(11).Max(), map[11], string.Join(", ", map));
        }

        Assert.IsGreaterThan(1, number.Map[11], "in the unit of the labels, which are 20 apart");
    }

    private sealed class Answered
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public bool IsBright { get; set; }

        public float Number { get; set; }
    }

    private sealed class Seen
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private static MLVideo Noise(Random random, bool isBright)
    {
        var pixels = new byte[8 * 48 * 64 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % 64, y = i / 3 / 64 % 48;
            pixels[i] = (byte)(80 + random.Next(40) + (isBright && x >= 50 && y >= 34 ? 120 : 0));
        }

        return MLVideo.CreateFromFrames(new VideoFrames(pixels, 8, 48, 64));
    }

    [TestMethod]
    public void ToBytes_UndoesTheProcessor()
    {
        VideoFrames frames = VideoReader.Default.Read(MLVideo.CreateFromFile(TestClips.Clip("red", 1)), [0]);
        var processor = new VideoMaeImageProcessor(
            new VideoMaeImageProcessorOptions
            {
                DoResize = false,
                DoCenterCrop = false,
                ImageMean = [0.485, 0.456, 0.406],
                ImageStd = [0.229, 0.224, 0.225],
            });
        CollectionAssert.AreEqual(frames.Frame(0).ToArray(), processor.ToBytes(processor.Process(frames)));
    }
}
