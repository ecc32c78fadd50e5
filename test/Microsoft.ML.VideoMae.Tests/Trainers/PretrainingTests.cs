// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class PretrainingTests
{
    private readonly MLContext _ml = new(1);

    private static readonly VideoMaeConfig s_config = TestClips.Config with
    {
        DecoderHiddenSize = 8,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 16,
        DecoderNumHiddenLayers = 1,
    };

    private IDataView Videos => VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));

    private static VideoMaePretrainingEstimator.Options Options(int epochs = 3) => new()
    {
        Config = s_config,
        NumberOfEpochs = epochs,
        BatchSize = 4,
        MaskRatio = 0.75f,
        Seed = 1,
    };

    [TestMethod]
    public void Pretraining_ConformsToMlNet() =>
        EstimatorConformance.Check(_ml, _ml.Transforms.PretrainVideoMae(Options(1)), Videos, TestClips.Load(_ml));

    [TestMethod]
    public void Loss_FallsAndIsReported()
    {
        var reported = new List<VideoMaePretrainingMetrics>();
        VideoMaePretrainingEstimator.Options options = Options(40);
        options.Config = s_config with { NormPixLoss = false }; // The clips are noise of a colour: the colour can be learned.
        options.ValidationFraction = 0.25f;
        options.LearningRate = 5e-3f;
        options.ProbeLabelColumnName = "Label";
        options.ProbeInterval = 20;
        options.MetricsCallback = reported.Add;
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options).Fit(Videos);

        Assert.HasCount(40, reported);
        Assert.IsLessThan(0.5 * reported[0].Loss, reported[^1].Loss, $"{reported[0].Loss} -> {reported[^1].Loss}");
        Assert.IsLessThan(reported[0].ValidationLoss!.Value, reported[^1].ValidationLoss!.Value);
        Assert.IsTrue(reported.All(m => m.ProbeAccuracy is null == (m.Epoch % 20 != 0)));
        Assert.AreEqual(1, reported[^1].ProbeAccuracy!.Value, "blue and red are neighbours of their own kind");
    }

    /// <summary>Steps, decoding, held-out clips and the probe, as fine-tuning reports them.</summary>
    [TestMethod]
    public void StepsAndStages_AreReported()
    {
        string folder = TestClips.NewFolder();
        var steps = new List<VideoMaeStepMetrics>();
        var stages = new ConcurrentQueue<VideoMaeProgress>();
        VideoMaePretrainingEstimator.Options options = Options(2);
        options.ValidationFraction = 0.25f; // 3 of 12 clips, which leaves 9 in 3 batches.
        options.ProbeLabelColumnName = "Label";
        (options.StepCallback, options.ProgressCallback, options.TensorBoardFolder) = (steps.Add, stages.Enqueue, folder);
        using (_ml.Transforms.PretrainVideoMae(options).Fit(Videos))
        {
        }

        CollectionAssert.AreEqual(Enumerable.Range(1, 6).ToArray(), steps.Select(s => s.Step).ToArray());
        CollectionAssert.AreEqual((int[])[1, 1, 1, 2, 2, 2], steps.Select(s => s.Epoch).ToArray());
        Assert.IsTrue(steps.All(s => s.NumberOfSteps == 6 && s.Loss > 0 && s.GradientNorm > 0 && s.ClipsPerSecond > 0));
        VideoMaeProgress[] Of(VideoMaeStage stage) => [.. stages.Where(p => p.Stage == stage)];
        CollectionAssert.AreEquivalent(Enumerable.Range(1, 9).ToArray(),
            Of(VideoMaeStage.Decoding).Select(p => p.Done).ToArray(), "each clip once");
        Assert.HasCount(2, Of(VideoMaeStage.Validation).Where(p => p.Done == p.Count && p.Count == 3).ToArray(), "after each epoch");
        Assert.AreEqual(new VideoMaeProgress(VideoMaeStage.Features, 9, 9), Of(VideoMaeStage.Features)[^1], "after the last epoch");
        string events = string.Concat(
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        Directory.Delete(folder, recursive: true);
        foreach (string tag in (string[])["step/loss", "step/gradient norm", "epoch/validation loss", "epoch/probe accuracy"])
            Assert.Contains(tag, events);
    }

    [TestMethod]
    [DataRow(VideoMaskingStrategy.Tube, 0f, 1, 1)]
    [DataRow(VideoMaskingStrategy.Random, 0.5f, 2, 2)]
    public void EveryRecipe_Runs(VideoMaskingStrategy masking, float leftOut, int copies, int accumulation)
    {
        VideoMaePretrainingEstimator.Options options = Options(2);
        options.Masking = masking;
        options.DecoderMaskRatio = leftOut;
        options.RepeatedAugmentation = copies;
        options.GradientAccumulation = accumulation;
        var losses = new List<double>();
        options.MetricsCallback = m => losses.Add(m.Loss);
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options).Fit(Videos);
        Assert.HasCount(2, losses);
        Assert.IsTrue(losses.All(loss => loss is > 0 and < 10));
    }

    [TestMethod]
    public void Columns_AreTheMeanTokenAndTheLossOfTheMasks()
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options()).Fit(Videos);
        IDataView scored = model.Transform(Videos);
        float[][] features = [.. scored.GetColumn<float[]>("Features")];
        float[] losses = [.. scored.GetColumn<float>("ReconstructionLoss")];
        Assert.HasCount(2 * TestClips.ClipsPerClass, features);
        Assert.HasCount(s_config.HiddenSize, features[0]);
        CollectionAssert.AreEqual(losses, scored.GetColumn<float>("ReconstructionLoss").ToArray(), "masks depend on content alone");

        MLVideo first = Videos.GetColumn<MLVideo>("Video").First();
        double mean = Enumerable.Range(0, 4).Average(mask => model.Reconstruct(first, mask).Loss);
        Assert.AreEqual(mean, losses[0], 1e-5, "four masks by default");
    }

    [TestMethod]
    public void Trainers_StartFromIt_AsFolderAndAsZip()
    {
        string folder = TestClips.NewFolder(), zip = Path.Combine(folder, "model.zip");
        using (VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options()).Fit(Videos))
        {
            model.SavePretrained(Path.Combine(folder, "checkpoint"));
            _ml.Model.Save(model, Videos.Schema, zip);
        }

        using VideoMaeForPreTraining checkpoint = VideoMaeForPreTraining.FromPretrained(Path.Combine(folder, "checkpoint"));
        Assert.IsTrue(checkpoint.LoadReport!.IsComplete, checkpoint.LoadReport.ToString());
        using Tensor expected = checkpoint
            .Encoder.named_parameters()
            .Single(p => p.name.EndsWith("layer.1.output.dense.weight", StringComparison.Ordinal))
            .parameter.clone();
        foreach (string path in (string[])[Path.Combine(folder, "checkpoint"), zip])
        {
            VideoMaeTrainer.Options options = TestClips.Options(1);
            options.Config = null;
            options.PretrainedModel = path;
            options.FineTuning = FineTuningMode.LinearProbe;
            using VideoMaeClassificationTransformer tuned = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Videos);
            string exported = Path.Combine(folder, "tuned");
            tuned.SavePretrained(exported);
            using VideoMaeForVideoClassification classifier = VideoMaeForVideoClassification.FromPretrained(exported);
            Tensor actual = classifier
                .Encoder.named_parameters()
                .Single(p => p.name.EndsWith("layer.1.output.dense.weight", StringComparison.Ordinal))
                .parameter;
            Assert.IsTrue(expected.Equals(actual), $"a probe leaves the encoder of {path} as it is");
            Assert.IsTrue(classifier.Config.UseMeanPooling);
        }

        VideoMaePretrainingEstimator.Options again = Options(1);
        again.Config = null;
        again.PretrainedModel = zip;
        using VideoMaePretrainedTransformer longer = _ml.Transforms.PretrainVideoMae(again).Fit(Videos);
        Assert.AreEqual(s_config.HiddenSize, longer.Config.HiddenSize);
    }

    /// <summary>From memory as from its folder; and a run that is stopped finds the weights again.</summary>
    [TestMethod]
    public void Trainers_StartFromItInMemory()
    {
        string folder = TestClips.NewFolder();
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options()).Fit(Videos);
        model.SavePretrained(folder);
        (VideoMaeTrainer.Options fromFolder, VideoMaeTrainer.Options fromMemory) = (TestClips.Options(2), TestClips.Options(2));
        fromFolder.Config = fromMemory.Config = null;
        fromFolder.PretrainedModel = folder;
        fromMemory.PretrainedTransformer = model;
        using VideoMaeClassificationTransformer expected = _ml.MulticlassClassification.Trainers.VideoMae(fromFolder).Fit(Videos);
        float[][] scores = [.. expected.Transform(Videos).GetColumn<float[]>("Score")];
        fromMemory.WorkspacePath = Path.Combine(folder, "workspace");
        int epochs = 0;
        fromMemory.MetricsCallback = _ => epochs++;
        for (int run = 0; run < 2; run++)
        {
            using VideoMaeClassificationTransformer actual = _ml.MulticlassClassification.Trainers.VideoMae(fromMemory).Fit(Videos);
            CollectionAssert.AreEqual(scores.SelectMany(s => s).ToArray(),
                actual.Transform(Videos).GetColumn<float[]>("Score").SelectMany(s => s).ToArray());
        }

        Assert.AreEqual(2, epochs, "the second run is the first one, ended");
        Assert.IsEmpty(Directory.GetFiles(fromMemory.WorkspacePath, "*.safetensors", SearchOption.AllDirectories)
            .Where(file => file.Contains("pretrained", StringComparison.Ordinal)), "a model in memory is not written to disk");

        // A pipeline with the model in it is as good as the model.
        ITransformer pipeline = new TransformerChain<ITransformer>(_ml.Transforms.CopyColumns("Copy", "Video").Fit(Videos), model);
        fromMemory.PretrainedTransformer = pipeline;
        _ml.MulticlassClassification.Trainers.VideoMae(fromMemory).Fit(Videos).Dispose();
        Assert.AreEqual(2, epochs, "the same weights are the same run");
        fromMemory.PretrainedTransformer = _ml.Transforms.CopyColumns("Copy", "Video").Fit(Videos);
        Assert.Contains("has no VideoMAE model in it",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(fromMemory)).Message);
        fromMemory.PretrainedTransformer = model;

        VideoMaePretrainingEstimator.Options longer = Options(1);
        longer.Config = null;
        longer.PretrainedTransformer = model;
        _ml.Transforms.PretrainVideoMae(longer).Fit(Videos).Dispose();
        longer.PretrainedModel = folder;
        Assert.Contains(
            "PretrainedTransformer is set",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.PretrainVideoMae(longer)).Message);
        fromMemory.PretrainedModel = folder;
        Assert.Contains(
            "PretrainedTransformer is set",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(fromMemory)).Message);
    }

    [TestMethod]
    [DataRow(ComputePrecision.Float32, false)]
    [DataRow(ComputePrecision.BFloat16, true)]
    public void StoppedRun_GoesOnBitForBit(ComputePrecision precision, bool checkpointing)
    {
        string whole = Weights(Run());
        VideoMaePretrainingEstimator.Options stopped = Run();
        stopped.WorkspacePath = TestClips.NewFolder();
        stopped.StateInterval = TimeSpan.Zero;
        using (var stop = new CancellationTokenSource())
        {
            VideoMaePretrainingEstimator.Options first = Run();
            first.WorkspacePath = stopped.WorkspacePath;
            first.StateInterval = TimeSpan.Zero;
            first.CancellationToken = stop.Token;
            first.MetricsCallback = m =>
            {
                if (m.Epoch == 2)
                    stop.Cancel();
            };
            Assert.Throws<OperationCanceledException>(() => _ml.Transforms.PretrainVideoMae(first).Fit(Videos));
        }

        int epochs = 0;
        stopped.MetricsCallback = _ => epochs++;
        Assert.AreEqual(whole, Weights(stopped));
        Assert.AreEqual(2, epochs, "only what was left was trained");

        VideoMaePretrainingEstimator.Options Run()
        {
            VideoMaePretrainingEstimator.Options options = Options(4);
            options.Precision = precision;
            options.ActivationCheckpointing = checkpointing;
            return options;
        }
    }

    [TestMethod]
    public void Pictures_ShowTheFramesThreeTimes()
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options()).Fit(Videos);
        VideoMaeReconstruction reconstruction = model.Reconstruct(MLVideo.CreateFromFile(TestClips.Animation("blue", 1)));
        Assert.HasCount(4, reconstruction.Original);
        for (int frame = 0; frame < 4; frame++)
        {
            ReadOnlySpan<byte> original = reconstruction.Original[frame].Span,
                masked = reconstruction.Masked[frame].Span,
                made = reconstruction.Reconstructed[frame].Span;
            int hidden = 0;
            for (int i = 0; i < original.Length; i += 3)
            {
                bool isGrey = masked[i] == 128 && masked[i + 1] == 128 && masked[i + 2] == 128;
                hidden += isGrey ? 1 : 0;
                Assert.IsTrue(isGrey || (masked[i] == original[i] && made[i] == original[i]), "what was shown stays as it was");
            }

            Assert.AreEqual(0.75 * 16 * 16, hidden, "pixels of the hidden patches");
        }

        string folder = TestClips.NewFolder();
        reconstruction.SavePng(Path.Combine(folder, "strip.png"));
        using SKBitmap strip = SKBitmap.Decode(Path.Combine(folder, "strip.png"));
        Assert.AreEqual((4 * 66 - 2, 3 * 66 - 2), (strip.Width, strip.Height));
        reconstruction.SaveGif(Path.Combine(folder, "strip.gif"));
        using SKCodec gif = SKCodec.Create(Path.Combine(folder, "strip.gif"));
        Assert.AreEqual(4, gif.FrameCount);
    }

    [TestMethod]
    public void Reconstruction_GivesPatchesTheirOwnMean()
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options(1)).Fit(Videos);
        VideoMaeReconstruction reconstruction = model.Reconstruct(MLVideo.CreateFromFile(TestClips.Animation("red", 1)));
        double Red(IReadOnlyList<ReadOnlyMemory<byte>> frames) =>
            frames.Average(f => f.ToArray().Where((_, i) => i % 3 == 0).Average(b => (double)b));
        Assert.AreEqual(Red(reconstruction.Original), Red(reconstruction.Reconstructed), 12);
    }

    [TestMethod]
    public void WrongOptions_AreListedTogether()
    {
        VideoMaePretrainingEstimator.Options options = Options(0);
        options.MaskRatio = 1;
        options.DecoderMaskRatio = 0.3f;
        options.NumberOfTestMasks = 0;
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.PretrainVideoMae(options));
        foreach (string name in (string[])["NumberOfEpochs is 0", "MaskRatio is 1", "DecoderMaskRatio is 0.3", "NumberOfTestMasks is 0"])
            Assert.Contains(name, e.Message);
    }

    [TestMethod]
    public void CollapsedModel_AndHighRate_AreNoted()
    {
        var log = new List<string>();
        var ml = new MLContext(1);
        ml.Log += (_, e) => log.Add(e.Message);
        VideoMaePretrainingEstimator.Options options = Options(1);
        options.LearningRate = 1e-2f;
        using VideoMaePretrainedTransformer model = ml
            .Transforms.PretrainVideoMae(options)
            .Fit(VideoMaeTrainerTests.Prepare(ml, TestClips.Load(ml)));
        Assert.IsTrue(
            log.Any(l => l.Contains("LearningRate is", StringComparison.Ordinal) && l.Contains("usually bear", StringComparison.Ordinal)));
        Assert.IsTrue(log.Any(l => l.Contains("predicts hardly more", StringComparison.Ordinal)), string.Join(Environment.NewLine, log));
    }

    [TestMethod]
    public void Runs_LeaveNoTensorBehind()
    {
        IDataView videos = Videos;
        _ml.Transforms.PretrainVideoMae(Options(1)).Fit(videos).Dispose(); // What is made once and kept.
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(Options(20)).Fit(videos))
        {
            long held = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (int i = 0; i < 5; i++)
                model.Transform(videos).GetColumn<float>("ReconstructionLoss").Count();
            Assert.AreEqual(held, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "scoring");
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "training");
    }

    private string Weights(VideoMaePretrainingEstimator.Options options)
    {
        string folder = TestClips.NewFolder();
        using (VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options).Fit(Videos))
            model.SavePretrained(folder);
        return Convert.ToHexString(
            System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))));
    }
}
