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
