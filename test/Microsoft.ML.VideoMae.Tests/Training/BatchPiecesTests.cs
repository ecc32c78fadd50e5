// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>A batch that goes through the model in pieces trains as one that goes through it whole.</summary>
[TestClass]
public sealed class BatchPiecesTests
{
    private static readonly VideoMaeConfig s_small = TestClips.Config with
    {
        DecoderHiddenSize = 12,
        DecoderIntermediateSize = 24,
        DecoderNumAttentionHeads = 2,
        DecoderNumHiddenLayers = 1,
    };

    private readonly MLContext _ml = new(1);

    [TestCleanup]
    public void Cleanup() => LayerSize.Assumed.Value = SideBySide.Assumed.Value = null;

    [TestMethod]
    public void Pieces_AreOfEqualSizeAndKnowTheirPlaces()
    {
        int[] clips = [7, 3, 5, 1, 9];
        var batch = new ClipBatch([.. Enumerable.Range(0, 16).Select(i => (float)i)], 8, 11, clips, [2, 4, 6, 8, 10]);
        ClipBatch[] pieces = [.. batch.Pieces(LayerSize.Pieces(batch.Count, 2, 1))];
        CollectionAssert.AreEqual(new[] { 1, 2, 2 }, pieces.Select(p => p.Count).ToArray());
        CollectionAssert.AreEqual(clips, pieces.SelectMany(p => p.Indices).ToArray());
        CollectionAssert.AreEqual(batch.Places, pieces.SelectMany(p => p.Places).ToArray());
        CollectionAssert.AreEqual(batch.PixelValues.ToArray(), pieces.SelectMany(p => p.PixelValues).ToArray());
        Assert.IsTrue(pieces.All(p => p.Total == 5 && p.AllIndices.SequenceEqual(clips)));
        CollectionAssert.AreEqual(new[] { 6f, 7, 8, 9 }, pieces[2].Own([.. Enumerable.Range(0, 10).Select(i => (float)i)], 2));
        Assert.AreSame(batch, batch.Pieces(1).Single());
    }

    [TestMethod]
    public void LargeModels_TakeFewClipsAtOnce()
    {
        VideoMaeConfig large = VideoMaeConfig.Base, small = VideoMaeConfig.CpuSmall;
        Assert.AreEqual(1, LayerSize.ClipsAtOnce(large.NumPatches, large.IntermediateSize));
        Assert.AreEqual(2, LayerSize.ClipsAtOnce(large.NumPatches, large.DecoderIntermediateSize));
        Assert.IsGreaterThanOrEqualTo(16, LayerSize.ClipsAtOnce(small.NumPatches, small.IntermediateSize));
        Assert.AreEqual(1, LayerSize.ClipsAtOnce(100_000, 8192), "One clip has to go.");
        Assert.IsGreaterThan(1000, LayerSize.ClipsAtOnce(0, 64), "Nothing is in sight.");
    }

    [TestMethod]
    public void EveryThread_HasAsManyPieces()
    {
        Assert.AreEqual(1, LayerSize.Pieces(5, int.MaxValue, 1));
        Assert.AreEqual(3, LayerSize.Pieces(5, 2, 1));
        Assert.AreEqual(6, LayerSize.Pieces(16, 7, 2), "3 clips each, and not 5 pieces: one thread would have three of them.");
        Assert.AreEqual(2, LayerSize.Pieces(16, int.MaxValue, 2));
        Assert.AreEqual(3, LayerSize.Pieces(3, 1, 2), "There are no more clips.");
    }

    [TestMethod]
    public void LargeModels_AreNotShared()
    {
        SideBySide.Assumed.Value = 8;
        static int Threads(VideoMaeConfig config, int clips) =>
            LayerSize.Threads(clips, LayerSize.ClipsAtOnce(config.NumPatches, config.IntermediateSize));
        Assert.AreEqual(1, Threads(VideoMaeConfig.Base, 16));
        Assert.AreEqual(2, Threads(VideoMaeConfig.Small, 16));
        Assert.AreEqual(8, Threads(VideoMaeConfig.CpuSmall, 16));
        Assert.AreEqual(3, Threads(VideoMaeConfig.CpuSmall, 3), "There are no more clips.");
    }

    /// <summary>Of a batch that processes share, a piece knows which rows of the whole it has.</summary>
    [TestMethod]
    public void PiecesOfAShare_HaveTheRowsOfTheShare()
    {
        ClipBatch batch = new ClipBatch(new float[6], 3, 9, [4, 5, 6], [4, 5, 6])
            .WithShare(new BatchShare([1, 4, 2, 5, 6], [1, 3, 4]) { Part = 0.5 });
        ClipBatch[] pieces = [.. batch.Pieces(LayerSize.Pieces(batch.Count, 2, 1))];
        CollectionAssert.AreEqual(new long[] { 1, 3, 4 }, pieces.SelectMany(p => p.Share!.Rows).ToArray());
        Assert.IsTrue(pieces.All(p => p.Total == 5 && p.Part == 0.5));
    }

    /// <summary>With everything that depends on the clips of a batch together: mixing, dropped branches, weights of classes.</summary>
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 1)]
    [DataRow(100, 2)]
    [DataRow(3, 3)]
    public void FineTuning_IsTheSame(int atOnce, int threads)
    {
        VideoMaeTrainer.Options options = TestClips.Options(3);
        (options.Mixup, options.Cutmix, options.MixupMode) = (0.8f, 1, MixupMode.Element);
        (options.DropPathRate, options.HeadDropout, options.LabelSmoothing) = (0.5f, 0.5f, 0.1f);
        (options.ClassBalancing, options.GradientAccumulation) = (ClassBalancing.Weights, 2);
        AssertSame(atOnce, threads, note =>
        {
            options.StepCallback = note;
            using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(options)
                .Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
        });
    }

    /// <summary>Clips have different numbers of hidden tokens that are decoded.</summary>
    [TestMethod]
    [DataRow(VideoMaePretrainingTarget.Pixels, 1)]
    [DataRow(VideoMaePretrainingTarget.Both, 1)]
    [DataRow(VideoMaePretrainingTarget.Both, 2)]
    public void PreTraining_IsTheSame(VideoMaePretrainingTarget target, int threads)
    {
        var options = new VideoMaePretrainingEstimator.Options
        {
            Config = s_small,
            Target = target,
            Masking = VideoMaskingStrategy.Random,
            MaskRatio = 0.5f,
            DecoderMaskRatio = 0.5f,
            NumberOfEpochs = 2,
            BatchSize = 5,
            ValidationFraction = 0.3f,
            Seed = 1,
        };
        AssertSame(atOnce: 2, threads, note =>
        {
            options.StepCallback = note;
            using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options)
                .Fit(_ml.Data.GenerateVideos(16, seed: 3, numberOfFrames: 4, frameSize: 16));
        });
    }

    /// <summary>Losses and gradients of the first step differ by rounding alone; later ones by what that has become.</summary>
    private static void AssertSame(int atOnce, int threads, Action<Action<VideoMaeStepMetrics>> train)
    {
        List<VideoMaeStepMetrics> whole = [], inPieces = [], again = [];
        var live = new List<long>();
        SideBySide.Assumed.Value = 1;
        train(whole.Add);
        LiveTensors.Settled();
        LayerSize.Assumed.Value = atOnce;
        SideBySide.Assumed.Value = threads;
        train(step =>
        {
            inPieces.Add(step);
            live.Add(LiveTensors.Now);
        });
        train(again.Add);
        Assert.IsTrue(live.All(count => count == live[0]), $"Live tensors after each step: {string.Join(' ', live)}.");
        CollectionAssert.AreEqual(
            inPieces.Select(s => (s.Loss, s.GradientNorm)).ToArray(), again.Select(s => (s.Loss, s.GradientNorm)).ToArray(),
            "Whichever thread is done first.");
        Assert.HasCount(whole.Count, inPieces);
        for (int i = 0; i < whole.Count; i++)
        {
            double tolerance = i == 0 ? 1e-5 : 1e-2;
            Assert.AreEqual(whole[i].Loss, inPieces[i].Loss, tolerance * whole[i].Loss, $"loss of step {i}");
            Assert.AreEqual(
                whole[i].GradientNorm, inPieces[i].GradientNorm, 10 * tolerance * whole[i].GradientNorm, $"gradients of step {i}");
        }

        Assert.IsTrue(Enumerable.Range(0, whole.Count).Any(i => whole[i].GradientNorm != inPieces[i].GradientNorm), "There were pieces.");
    }
}
