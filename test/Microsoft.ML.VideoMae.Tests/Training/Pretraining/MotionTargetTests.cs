// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Modeling;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.Pretraining;

/// <summary>Pre-training on motion: what is predicted, and that it is learned, kept and gone on with.</summary>
[TestClass]
public sealed class MotionTargetTests
{
    private static readonly VideoMaeConfig s_config = VideoMaeConfig.CpuMotion with
    {
        ImageSize = 16,
        NumFrames = 8,
        HiddenSize = 36,
        IntermediateSize = 72,
        NumAttentionHeads = 2,
        NumHiddenLayers = 2,
        DecoderHiddenSize = 12,
        DecoderIntermediateSize = 24,
        DecoderNumAttentionHeads = 2,
        DecoderNumHiddenLayers = 1,
    };

    private readonly MLContext _ml = new(1);

    private IDataView Generated => _ml.Data.GenerateVideos(24, seed: 3, numberOfFrames: 8, frameSize: 16);

    [TestMethod]
    public void Known_IsPutInTheOrderOfTokensAndCells()
    {
        var targets = new MotionTargets(s_config, new VideoMaeImageProcessor());
        // [T / 4, H / 4, W / 4, 2] = [2, 4, 4, 2]: a number that says where it stands.
        float[] known = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];
        float[] actual = targets.Of([known], new ArraySegment<float>(new float[8 * 3 * 16 * 16]));
        Assert.HasCount(2 * 2 * 2 * 8, actual);
        for (int i = 0; i < actual.Length; i++)
        {
            int token = i / 8, direction = i / 4 % 2, row = i / 2 % 2, column = i % 2; // 4 direction + 2 row + column
            int time = token / 4, y = token / 2 % 2 * 2 + row, x = token % 2 * 2 + column;
            Assert.AreEqual(known[((time * 4 + y) * 4 + x) * 2 + direction] * 32 / 16, actual[i], 1e-6, $"{i}");
        }

        Assert.AreEqual(3f, targets.Of([[.. Enumerable.Repeat(9f, 64)]], new float[8 * 3 * 16 * 16]).Max(), "Clamped.");
        StringAssert.Contains(targets.Problem(new float[12]), "A clip has 12 values of displacement, and 8 frames of 16x16 have 64");
        StringAssert.Contains(
            new MotionTargets(s_config with { TubeletSize = 2 }, new VideoMaeImageProcessor()).Problem(known), "tubelet_size is 2");
    }

    /// <summary>The clips that were recorded where the shipped weights were made say how cells are ordered there.</summary>
    [TestMethod]
    public void BlockMatching_AgreesWithWhatWasRecorded()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> recorded = ReferenceData.Load("weights", "cpu-motion.safetensors");
        VideoMaeImageProcessor processor = new(new VideoMaeImageProcessorOptions
        {
            Size = FrameSize.Exact(64, 64),
            DoCenterCrop = false,
            ImageMean = [0.45, 0.45, 0.45],
            ImageStd = [0.225, 0.225, 0.225],
        });
        Tensor pixels = (recorded["frames"].to(ScalarType.Float32) / 255 - 0.45f) / 0.225f; // [2, 16, 3, 64, 64]
        float[] found = new MotionTargets(VideoMaeConfig.CpuMotion, processor).Of([null, null], pixels.data<float>().ToArray()),
            truth = recorded["displacement"].data<float>().ToArray();
        Assert.HasCount(truth.Length, found);
        double Dot(Func<int, double> a, Func<int, double> b) => Enumerable.Range(0, truth.Length).Sum(i => a(i) * b(i));
        double correlation = Dot(i => found[i], i => truth[i])
            / Math.Sqrt(Dot(i => found[i], i => found[i]) * Dot(i => truth[i], i => truth[i]));
        Assert.IsGreaterThan(0.7, correlation);
    }

    [TestMethod]
    [DataRow(VideoMaePretrainingTarget.Motion, false, true)]
    [DataRow(VideoMaePretrainingTarget.Motion, true, true)]
    [DataRow(VideoMaePretrainingTarget.Motion, false, false)]
    [DataRow(VideoMaePretrainingTarget.Both, false, true)]
    public void EveryTarget_IsLearned(VideoMaePretrainingTarget target, bool masks, bool isKnown)
    {
        var losses = new List<VideoMaePretrainingMetrics>();
        VideoMaePretrainingEstimator.Options options = Options(target, epochs: 30);
        (options.MasksMotion, options.ValidationFraction) = (masks, 0.25f);
        if (!isKnown)
            options.DisplacementColumnName = null;
        options.MetricsCallback = losses.Add;
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options).Fit(Generated);
        Assert.IsLessThan(0.9 * losses[0].Loss, losses[^1].Loss, $"{losses[0].Loss} -> {losses[^1].Loss}");
        Assert.IsTrue(losses.All(m => m.ValidationLoss > 0));
        string name = target == VideoMaePretrainingTarget.Motion ? "displacements" : "displacements and pixels";
        Assert.Contains($"Epoch 1/30: loss of {name} 0.", losses[0].ToString());
    }

    [TestMethod]
    public void Head_IsNamed_AndFineTuningDoesWithoutIt()
    {
        using VideoMaePretrainedTransformer model = _ml
            .Transforms.PretrainVideoMae(Options(VideoMaePretrainingTarget.Motion, epochs: 1))
            .Fit(Generated);
        string folder = TestClips.NewFolder(), zip = Path.Combine(folder, "model.zip");
        model.SavePretrained(folder);
        StringAssert.Contains(File.ReadAllText(Path.Combine(folder, "config.json")), "\"use_displacement_head\": true");
        using (var read = VideoMaeForPreTraining.FromPretrained(folder))
            Assert.IsTrue(read.LoadReport!.IsComplete, read.LoadReport.ToString());
        _ml.Model.Save(model, Generated.Schema, zip);
        foreach (string start in (string[])[folder, zip])
        {
            VideoMaeTrainer.Options tuning = new() { PretrainedModel = start, NumberOfEpochs = 1, Seed = 1 };
            using VideoMaeClassificationTransformer classifier = _ml
                .MulticlassClassification.Trainers.VideoMae(tuning)
                .Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
            Assert.IsTrue(classifier.Config.UseNormedMeanPooling, "As the weights were trained.");
        }

        // Pixels after motion: the layer is left out, and motion after pixels: it starts afresh.
        VideoMaePretrainingEstimator.Options more = Options(VideoMaePretrainingTarget.Pixels, epochs: 1);
        (more.Config, more.PretrainedModel, more.DisplacementColumnName) = (null, zip, null);
        using VideoMaePretrainedTransformer pixels = _ml.Transforms.PretrainVideoMae(more).Fit(Generated);
        Assert.IsFalse(pixels.Config.UseDisplacementHead);
        more = Options(VideoMaePretrainingTarget.Motion, epochs: 1);
        (more.Config, more.PretrainedTransformer) = (null, pixels);
        using VideoMaePretrainedTransformer motion = _ml.Transforms.PretrainVideoMae(more).Fit(Generated);
        Assert.IsTrue(motion.Config.UseDisplacementHead);
    }

    [TestMethod]
    public void StoppedRun_GoesOnExactly()
    {
        VideoMaePretrainingEstimator.Options whole = Options(VideoMaePretrainingTarget.Both, epochs: 3),
            stopped = Options(VideoMaePretrainingTarget.Both, epochs: 3);
        using var source = new System.Threading.CancellationTokenSource();
        (stopped.WorkspacePath, stopped.StateInterval, stopped.CancellationToken) = (TestClips.NewFolder(), TimeSpan.Zero, source.Token);
        stopped.StepCallback = step =>
        {
            if (step.Step == 4)
                source.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => _ml.Transforms.PretrainVideoMae(stopped).Fit(Generated));
        (stopped.CancellationToken, stopped.StepCallback) = (default, null);
        using VideoMaePretrainedTransformer resumed = _ml.Transforms.PretrainVideoMae(stopped).Fit(Generated),
            once = _ml.Transforms.PretrainVideoMae(whole).Fit(Generated);
        CollectionAssert.AreEqual(
            once.Transform(Generated).GetColumn<float[]>("Features").First(),
            resumed.Transform(Generated).GetColumn<float[]>("Features").First());
    }

    [TestMethod]
    public void BadInput_IsNamed()
    {
        VideoMaePretrainingEstimator.Options options = Options(VideoMaePretrainingTarget.Pixels, epochs: 1);
        (options.MasksMotion, options.MinCropScale) = (true, 0.75f);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.PretrainVideoMae(options)).Message;
        Assert.Contains("DisplacementColumnName is Displacement, but Target is Pixels", message);
        Assert.Contains("MasksMotion is True, but Target is Pixels, which always hides patches", message);
        Assert.Contains("MinCropScale is 0.75, but DisplacementColumnName is set, and holds for whole frames", message);

        options = Options(VideoMaePretrainingTarget.Motion, epochs: 1);
        options.DisplacementColumnName = "Nothing";
        Assert.Contains(
            "Nothing", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.PretrainVideoMae(options).Fit(Generated)).Message);
        options = Options(VideoMaePretrainingTarget.Motion, epochs: 1);
        options.Config = s_config with { PatchSize = 2, ImageSize = 16 };
        Assert.Contains(
            "motion is measured in cells of 4x4 pixels",
            Assert.Throws<Exception>(() => _ml.Transforms.PretrainVideoMae(options).Fit(Generated)).Message);
        options.Config = s_config with { ImageSize = 32 };
        Assert.Contains(
            "give displacements of the model's own frames",
            Assert.Throws<Exception>(() => _ml.Transforms.PretrainVideoMae(options).Fit(Generated)).Message);
    }

    private static VideoMaePretrainingEstimator.Options Options(VideoMaePretrainingTarget target, int epochs) => new()
    {
        Config = s_config,
        Target = target,
        DisplacementColumnName = "Displacement",
        MinCropScale = 1,
        MaskRatio = 0.5f,
        NumberOfEpochs = epochs,
        BatchSize = 8,
        LearningRate = 3e-3f,
        Seed = 1,
    };
}
