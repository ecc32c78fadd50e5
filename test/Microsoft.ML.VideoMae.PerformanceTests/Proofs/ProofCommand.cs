// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Reflection;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// The training proofs, by name: <c>proof weizmann4|tank-wagon --data FOLDER [--seeds 1,2,3] [--epochs N] [--size N] [--holdout
/// GROUP,GROUP] [--set NAME=VALUE,NAME=VALUE]</c>, <c>proof anomaly --data FOLDER [--seeds 1,2,3] [--epochs N]</c>, <c>proof
/// pretraining-motion|pretraining-tank-wagon --data FOLDER --output FOLDER [--seeds 1,2,3] [--epochs N] [--tuning-epochs N]
/// [--scratch-epochs N] [--labelled N] [--model NAME=VALUE,...] [--holdout K/N] [--parts pfls] [--set NAME=VALUE,...] [--tune
/// NAME=VALUE,...] [--scratch NAME=VALUE,...]</c>, of which the first makes its clips in the folder of the data, <c>proof weights --data
/// FOLDER --output FOLDER --parts motion-4+weizmann4-4 [--model weights+scratch] [--epochs STEPS] [--seeds 1,2,3] [--set
/// NAME=VALUE,...]</c>, whose folder holds the folders weizmann4 and tank-wagon, <c>proof plain --data FOLDER --output FOLDER [--parts
/// motion-4+weizmann4-all] [--model pixels+motion+images+quarters]</c>, the same cells with models that are no transformers,
/// <c>proof frozen</c>, the same with features of the shipped weights, <c>proof explore [--epochs SECONDS] [--seeds 1,2,3] [--model
/// pixels+motion]</c>, the same with the best of several models, <c>proof labels</c>, which makes a part of the labels wrong and looks for
/// them, <c>proof duplicates --data FOLDER --output FOLDER</c>, which makes near duplicates and looks for
/// them, or <c>proof decoding --data FOLDER [--count N] [--parts abc]</c>, which measures what reading videos costs; where the
/// folder holds the data set of that name, and --holdout leaves the test rows alone and tests on groups of the training rows; <c>proof
/// pretrain-weights --output FOLDER [--model CpuMotion|CpuMotionTiny] [--epochs ROUNDS] [--count CLIPS] [--seeds N] [--set NAME=VALUE,...]</c>, which
/// build/pretrain-weights.sh calls; and <c>proof presets</c>, which measures what the models for CPUs cost, <c>proof generated</c>, which
/// measures what generated videos cost, <c>proof timeline --output FOLDER [--parts boundaries|speed] [--model
/// motion|transformer|CpuTiny+CpuSmall] [--count SECONDS]</c>, which looks for segments in a made recording, or measures a long one, and <c>proof masking</c>, which measures what a step of pre-training costs.
/// </summary>
internal static class ProofCommand
{
    private static readonly string[] s_options =
    [
        "--data", "--output", "--seeds", "--epochs", "--tuning-epochs", "--scratch-epochs", "--labelled", "--size", "--holdout", "--model",
        "--set", "--tune", "--scratch", "--parts", "--count", "--start"];

    public static void Run(string[] args)
    {
        if (args is ["presets"])
        {
            PresetCost.Run();
            return;
        }

        if (args is ["generated"])
        {
            GeneratedCost.Run();
            return;
        }

        if (args is ["masking"])
        {
            MaskingCost.Run();
            return;
        }

        Dictionary<string, string> options = args.Skip(1)
            .Chunk(2)
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} has no value."));
        if (options.Keys.FirstOrDefault(name => !s_options.Contains(name)) is string unknown)
            throw new ArgumentException($"There is no option '{unknown}'; there are {string.Join(", ", s_options)}.");
        if (args[0] == "pretrain-weights")
        {
            VideoMaeConfig preset = Preset(options.GetValueOrDefault("--model", nameof(VideoMaeConfig.CpuMotionTiny)));
            new WeightsRecipe(
                preset, options.GetValueOrDefault("--output", "pretrained-weights"), int.Parse(options.GetValueOrDefault("--epochs", "32")),
                int.Parse(options.GetValueOrDefault("--count", "8000")), int.Parse(options.GetValueOrDefault("--seeds", "1")),
                options.GetValueOrDefault("--start"), options.GetValueOrDefault("--set")?.Split(',') ?? []).Run();
            return;
        }

        if (args[0] == "timeline")
        {
            int[] drawn = [.. options.GetValueOrDefault("--seeds", "1,2,3").Split(',').Select(int.Parse)];
            string folder = options.GetValueOrDefault("--output", "proof-results");
            if (options.GetValueOrDefault("--parts", "boundaries") == "speed")
            {
                TimelineProof.Speed(folder, int.Parse(options.GetValueOrDefault("--count", "3600")),
                    options.GetValueOrDefault("--model", "CpuTiny+CpuSmall").Split('+'));
            }
            else
            {
                TimelineProof.Boundaries(folder, drawn, options.GetValueOrDefault("--model", "motion"));
            }

            return;
        }

        string data = options.GetValueOrDefault("--data") ?? throw new ArgumentException("--data FOLDER is missing: where the videos are.");
        if (args[0] == "decoding")
        {
            DecodingCost.Run(data, int.Parse(options.GetValueOrDefault("--count", "60")), options.GetValueOrDefault("--parts", "abc"));
            return;
        }

        int[] seeds = [.. options.GetValueOrDefault("--seeds", "1,2,3").Split(',').Select(int.Parse)];
        int? epochs = options.TryGetValue("--epochs", out string? text) ? int.Parse(text) : null;
        string[]? holdout = options.GetValueOrDefault("--holdout")?.Split(',');
        string output = options.GetValueOrDefault("--output", "proof-results"), parts = options.GetValueOrDefault("--parts", "pfls");
        int? size = options.TryGetValue("--size", out string? pixels) ? int.Parse(pixels) : null;
        string[] changes = options.GetValueOrDefault("--set")?.Split(',') ?? [];
        switch (args[0])
        {
            case "weizmann4":
                ScratchProof.Run("weizmann4, from scratch, split by person", SplitClip.Read(data, holdout: holdout), seeds, seed =>
                    Change(Weizmann(seed, epochs, size), changes));
                break;
            case "tank-wagon":
                ScratchProof.Run("tank-wagon, from scratch, rows with core=1", SplitClip.Read(data, ("core", "1"), holdout), seeds, seed =>
                    Change(TankWagon(seed, epochs, size), changes));
                break;
            case "anomaly":
                AnomalyProof.Run("weizmann4, one class is usual, split by person", SplitClip.Read(data, holdout: holdout), seeds, () =>
                    Change(
                        new VideoMaeAnomalyTrainer.Options
                        {
                            Config = VideoMaeConfig.CpuTiny with
                            {
                                ImageSize = size ?? 48,
                                PatchSize = 8,
                                TubeletSize = 4,
                                InitializerRange = 0.05,
                                NormPixLoss = false,
                            },
                            NumberOfEpochs = epochs ?? 300,
                            BatchSize = 8,
                            LearningRate = 1e-3f,
                            MaskRatio = 0.75f,
                            NumberOfTestMasks = 8,
                        },
                        changes));
                break;
            case "weights":
                new WeightsProof(data, output, epochs, changes).Run(
                    parts.Split('+'), options.GetValueOrDefault("--model", "weights+scratch").Split('+'), seeds);
                break;
            case "explore":
            case "labels":
                string? tried = options.GetValueOrDefault("--model");
                new ExploreProof(new WeightsProof(data, output, steps: 0, []).Clips, output, epochs ?? 900, tried?.Split('+')).Run(
                    parts == "pfls" ? null : parts.Split('+'), seeds, isFlipping: args[0] == "labels");
                break;
            case "duplicates":
                DuplicatesProof.Run(data, output);
                break;
            case "plain":
                PlainProof.Run(new WeightsProof(data, output, steps: 0, []).Clips, parts == "pfls" ? null : parts.Split('+'),
                    options.GetValueOrDefault("--model")?.Split('+'));
                break;
            case "frozen":
                PlainProof.RunFrozen(new WeightsProof(data, output, steps: 0, []).Clips, parts == "pfls" ? null : parts.Split('+'));
                break;
            case "pretraining-motion":
                PretrainingProof.Run(Plans().Motion(data), seeds, output, parts);
                break;
            case "pretraining-tank-wagon":
                PretrainingProof.Run(Plans().TankWagon(data, options.GetValueOrDefault("--holdout")), seeds, output, parts);
                break;
            default:
                throw new ArgumentException($"There is no proof '{args[0]}'; there are weizmann4, tank-wagon, weights, frozen, plain, explore, labels, duplicates, " +
                    "pretraining-motion, pretraining-tank-wagon, anomaly, decoding and presets.");
        }

        PretrainingPlans Plans() =>
            new(
                epochs, Number("--tuning-epochs"), Number("--scratch-epochs"), Number("--labelled"), List("--model"), changes,
                List("--tune"), List("--scratch"));

        int? Number(string name) => options.TryGetValue(name, out string? value) ? int.Parse(value) : null;

        string[] List(string name) => options.GetValueOrDefault(name)?.Split(',') ?? [];
    }

    /// <summary>A preset by its name.</summary>
    internal static VideoMaeConfig Preset(string name) =>
        typeof(VideoMaeConfig).GetProperty(name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as VideoMaeConfig
        ?? throw new ArgumentException($"There is no model '{name}' in {nameof(VideoMaeConfig)}.");

    /// <summary>Sets options by name, such as EmaDecay=0.999, to try something out.</summary>
    internal static T Change<T>(T options, IEnumerable<string> changes)
        where T : notnull
    {
        foreach (string[] change in changes.Select(c => c.Split('=', 2)))
        {
            FieldInfo? field = typeof(T).GetField(change[0]);
            PropertyInfo? property = typeof(T).GetProperty(change[0]);
            Type type = field?.FieldType ?? property?.PropertyType ?? throw new ArgumentException($"There is no option '{change[0]}'.");
            object? value = TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).ConvertFromInvariantString(change[1]);
            field?.SetValue(options, value);
            property?.SetValue(options, value);
        }

        return options;
    }

    private static VideoMaeTrainer.Options Weizmann(int seed, int? epochs, int? size) => new()
    {
        Config = VideoMaeConfig.CpuTiny with { ImageSize = size ?? 48, PatchSize = 8, TubeletSize = 4, InitializerRange = 0.05 },
        NumberOfEpochs = epochs ?? 400,
        EmaDecay = 0.998f,
        HorizontalFlip = true,
        FlipTest = true,
        // The frames are cut close to the people already: a smaller crop, or erasing, can hide the hand that tells two classes apart.
        MinCropArea = 0.7f,
        RandAugment = "rand-m7-n2-mstd0.5-inc1",
        Seed = seed,
    };

    private static VideoMaeTrainer.Options TankWagon(int seed, int? epochs, int? size) => new()
    {
        Config = VideoMaeConfig.CpuTiny with { ImageSize = size ?? 64, PatchSize = 8, TubeletSize = 4, InitializerRange = 0.05 },
        NumberOfEpochs = epochs ?? 30,
        HorizontalFlip = true,
        MinCropArea = 0.6f,
        Seed = seed,
    };
}
