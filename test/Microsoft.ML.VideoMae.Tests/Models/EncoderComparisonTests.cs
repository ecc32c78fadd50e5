// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Models;

/// <summary>Two models have one encoder where they give the same tokens of every video, and never otherwise.</summary>
[TestClass]
public sealed class EncoderComparisonTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    [TestMethod]
    public void HasEncoderOf_AnotherPooling_IsTrue()
    {
        using TemporaryFolder folder = new();
        string path = Checkpoint(folder, "one", seed: 1);
        Assert.IsTrue(AreSame(Features(path), Features(path, pooling: VideoMaePooling.Cells)));
        Assert.IsTrue(AreSame(Features(path), Features(Checkpoint(folder, "equal", seed: 1), layer: 1)));
    }

    [TestMethod]
    public void HasEncoderOf_WhatSeesOrComputesSomethingElse_IsFalse()
    {
        using TemporaryFolder folder = new();
        string path = Checkpoint(folder, "one", seed: 1);
        Assert.IsFalse(AreSame(Features(path), Features(Checkpoint(folder, "weights", seed: 2))), "weights");
        Assert.IsFalse(AreSame(Features(path), Features(Checkpoint(folder, "one weight", seed: 1, change: true))), "one weight");
        Assert.IsFalse(AreSame(Features(path), Features(path, sampler: new DenseFrameSampler(4, 2))), "sampler");
        Assert.IsFalse(AreSame(Features(path), Features(Checkpoint(folder, "relu", seed: 1, activation: "relu"))), "configuration");
        string other = Checkpoint(folder, "processor", seed: 1);
        new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions { ImageMean = [0.5, 0.5, 0.5] }).SavePretrained(other);
        Assert.IsFalse(AreSame(Features(path), Features(other)), "processor");
    }

    private static string Checkpoint(TemporaryFolder folder, string name, ulong seed, bool change = false, string activation = "gelu")
    {
        string path = folder.File(name);
        VideoMaeConfig config = TestClips.Config with { HiddenAct = activation };
        using var model = new VideoMaeForVideoClassification(config, new Generator(seed));
        if (change)
        {
            using IDisposable noGrad = no_grad();
            model.Encoder.Blocks[^1].Output.Weight[0, 0] += 1e-3f;
        }

        model.SavePretrained(path);
        return path;
    }

    private static VideoMaeFeaturizingTransformer Features(
        string path, int layer = 0, FrameSampler? sampler = null, VideoMaePooling pooling = VideoMaePooling.Mean)
    {
        IDataView videos = s_ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(s_ml)).Transform(TestClips.Load(s_ml));
        return s_ml.Transforms.VideoMaeFeatures("Features", "Video", path, layer, sampler, pooling: pooling).Fit(videos);
    }

    private static bool AreSame(VideoMaeFeaturizingTransformer one, VideoMaeFeaturizingTransformer other)
    {
        using (one)
        using (other)
        using (SharedModel.Lease first = one.RentForOnnx(), second = other.RentForOnnx())
            return first.Value.HasEncoderOf(second.Value) && second.Value.HasEncoderOf(first.Value);
    }
}
