// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>The settings of the pre-training proofs.</summary>
/// <param name="Epochs">Epochs of pre-training; null takes the proof's.</param>
/// <param name="TuningEpochs">Epochs of fine-tuning; null takes the proof's.</param>
/// <param name="ScratchEpochs">Epochs from scratch; null takes as many as the time of the other way allows.</param>
/// <param name="Labelled">Labelled clips of each class of the motion clips; null takes the proof's.</param>
/// <param name="Model">Properties of the model to set, as NAME=VALUE.</param>
/// <param name="Pretraining">Options of pre-training to set, as NAME=VALUE.</param>
/// <param name="Tuning">Options of fine-tuning to set.</param>
/// <param name="Scratch">Options of training from scratch to set.</param>
internal sealed record PretrainingPlans(
    int? Epochs, int? TuningEpochs, int? ScratchEpochs, int? Labelled, IReadOnlyList<string> Model, IReadOnlyList<string> Pretraining,
    IReadOnlyList<string> Tuning, IReadOnlyList<string> Scratch)
{
    private const int UnlabelledPerClass = 334;
    private const int LabelledPerClass = 16;
    private const int TestPerClass = 30;

    /// <summary>The demo's clips: 2,004 without labels, 16 of each class with.</summary>
    /// <param name="folder">Where the clips are made; those that are there are kept.</param>
    public PretrainingProof.Plan Motion(string folder)
    {
        string train = Path.Combine(folder, "train"), test = Path.Combine(folder, "final");
        MotionDataset.Make(train, UnlabelledPerClass, seed: 1);
        // The settings were chosen with other test clips, of seeds 2 and 3.
        MotionDataset.Make(test, TestPerClass, seed: 4);
        SplitClip[] labelled =
        [.. Clips(train, isTest: false).GroupBy(c => c.Label).SelectMany(g => g.Take(Labelled ?? LabelledPerClass)),
            .. Clips(test, isTest: true)];
        // Normalised, the still background counts as much as the disc, and is all that the model learns.
        VideoMaeConfig config = Config(32, patch: 8, normalized: false);
        var pretraining = new VideoMaePretrainingEstimator.Options
        {
            Config = config,
            NumberOfEpochs = Epochs ?? 60,
            // Steps count: with 64 clips a step the loss was still at that of the mean after 20 epochs.
            BatchSize = 16,
            LearningRate = 2e-3f,
            Masking = VideoMaskingStrategy.Random,
            MaskRatio = 0.6f,
            FrameCacheFolder = Path.Combine(folder, "cache"),
        };
        var tuning = new VideoMaeTrainer.Options
        {
            Config = config,
            NumberOfEpochs = TuningEpochs ?? 300,
            MinCropArea = 0.6f,
            MaxCropRatio = 1,
            // Sixteen clips a class show too few textures to tell them from how they move.
            RandAugment = "rand-m7-n2-mstd0.5-inc1",
            LearningRate = 1e-3f,
            LayerDecay = 0.9f,
        };
        return Plan("Generated motion", [.. Clips(train, isTest: false).Select(c => c.Path)], labelled, pretraining, tuning);
    }

    /// <summary>The clips of tank wagons: all to train on, without labels and with.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="holdout">A share of the groups of the training rows to test on instead of the test rows, as K/N; or null.</param>
    public PretrainingProof.Plan TankWagon(string folder, string? holdout)
    {
        SplitClip[] clips = holdout is null ? SplitClip.Read(folder) : SplitClip.ReadFold(folder, holdout);
        // A linear probe of such features had 0.69 instead of 0.50 on one fold of held-out groups.
        VideoMaeConfig config = Config(64, patch: 16, normalized: false);
        var pretraining = new VideoMaePretrainingEstimator.Options
        {
            Config = config,
            NumberOfEpochs = Epochs ?? 200,
            BatchSize = 16,
            LearningRate = 1e-3f,
            MaskRatio = 0.75f,
            // The cameras stand still, and something happens at the edges of their wide frames.
            Resizing = FrameResizing.Fill,
            MinCropScale = 0.875f,
        };
        var tuning = new VideoMaeTrainer.Options
        {
            Config = config,
            NumberOfEpochs = TuningEpochs ?? 150,
            MinCropArea = 0.6f,
            Resizing = FrameResizing.Fill,
            HorizontalFlip = false,
            ClassBalancing = ClassBalancing.Weights,
            LearningRate = 1e-3f,
            LayerDecay = 0.9f,
        };
        return Plan("tank-wagon", [.. clips.Where(c => !c.IsTest).Select(c => c.Path)], clips, pretraining, tuning);
    }

    private VideoMaeConfig Config(int size, int patch, bool normalized) => ProofCommand.Change(
        VideoMaeConfig.CpuTiny with
        {
            ImageSize = size,
            PatchSize = patch,
            TubeletSize = 4,
            InitializerRange = 0.05,
            UseSeparablePositions = true,
            NormPixLoss = normalized,
            DecoderHiddenSize = 128,
            DecoderNumAttentionHeads = 4,
            DecoderIntermediateSize = 512,
        },
        Model);

    private PretrainingProof.Plan Plan(
        string title, IReadOnlyList<string> unlabelled, IReadOnlyList<SplitClip> labelled, VideoMaePretrainingEstimator.Options pretraining,
        VideoMaeTrainer.Options tuning)
    {
        return new PretrainingProof.Plan(
            title, unlabelled, labelled,
            () => ProofCommand.Change(pretraining, Pretraining), Tuned, Probed, FromScratch);

        VideoMaeTrainer.Options Tuned() => ProofCommand.Change(Copy(tuning), Tuning);

        VideoMaeTrainer.Options Probed()
        {
            VideoMaeTrainer.Options options = Tuned();
            options.FineTuning = FineTuningMode.LinearProbe;
            options.LearningRate = null;
            return options;
        }

        VideoMaeTrainer.Options FromScratch()
        {
            VideoMaeTrainer.Options options = Copy(tuning);
            options.LearningRate = null;
            options.LayerDecay = null;
            options.NumberOfEpochs = ScratchEpochs ?? 0;
            return ProofCommand.Change(options, Scratch);
        }
    }

    private static VideoMaeTrainer.Options Copy(VideoMaeTrainer.Options options)
    {
        var copy = new VideoMaeTrainer.Options();
        foreach (System.Reflection.FieldInfo field in typeof(VideoMaeTrainer.Options).GetFields())
            field.SetValue(copy, field.GetValue(options));
        return copy;
    }

    internal static IEnumerable<SplitClip> Clips(string folder, bool isTest) =>
        MotionClip.Classes.SelectMany(label =>
            Directory
                .GetFiles(Path.Combine(folder, label), "*.mp4")
                .Order(StringComparer.Ordinal)
                .Select(path => new SplitClip(path, label, isTest, path)));
}
