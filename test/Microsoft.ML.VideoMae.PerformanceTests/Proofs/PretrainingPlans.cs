// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ActionsDemo;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>The settings of the pre-training proofs.</summary>
internal static class PretrainingPlans
{
    private const int UnlabelledPerClass = 334;
    private const int LabelledPerClass = 16;
    private const int TestPerClass = 30;

    /// <summary>The demo's clips: 2,004 without labels, 16 of each class with.</summary>
    /// <param name="folder">Where the clips are made; those that are there are kept.</param>
    /// <param name="epochs">Epochs of pre-training.</param>
    /// <param name="tuningEpochs">Epochs of fine-tuning.</param>
    /// <param name="changes">Options of pre-training to set, as NAME=VALUE.</param>
    public static PretrainingProof.Plan Motion(string folder, int? epochs, int? tuningEpochs, IReadOnlyList<string> changes)
    {
        string train = Path.Combine(folder, "train"), test = Path.Combine(folder, "test");
        DemoData.Make(train, UnlabelledPerClass, seed: 1);
        DemoData.Make(test, TestPerClass, seed: 2);
        VideoMaeConfig config = VideoMaeTrainer.Defaults.Config with { ImageSize = 32, PatchSize = 8, TubeletSize = 4, InitializerRange = 0.05 };
        SplitClip[] labelled = [.. Clips(train, isTest: false).GroupBy(c => c.Label).SelectMany(g => g.Take(LabelledPerClass)), .. Clips(test, isTest: true)];
        return new PretrainingProof.Plan(
            [.. Clips(train, isTest: false).Select(c => c.Path)],
            labelled,
            _ => ProofCommand.Change(new VideoMaePretrainingEstimator.Options
            {
                Config = config,
                NumberOfEpochs = epochs ?? 60,
                // Steps count: with 64 clips a step the loss was still at that of the mean after 20 epochs.
                BatchSize = 16,
                LearningRate = 1e-3f,
                Masking = VideoMaskingStrategy.Random,
                MaskRatio = 0.6f,
                FrameCacheFolder = Path.Combine(folder, "cache"),
            }, changes),
            _ => new VideoMaeTrainer.Options
            {
                Config = config,
                NumberOfEpochs = tuningEpochs ?? 100,
                MinCropArea = 0.6f,
                MaxCropRatio = 1,
                LearningRate = 5e-4f,
                LayerDecay = 0.9f,
            });
    }

    private static IEnumerable<SplitClip> Clips(string folder, bool isTest) => MotionClip.Classes.SelectMany(
        label => Directory.GetFiles(Path.Combine(folder, label), "*.mp4").Order(StringComparer.Ordinal).Select(path => new SplitClip(path, label, isTest, label)));
}
