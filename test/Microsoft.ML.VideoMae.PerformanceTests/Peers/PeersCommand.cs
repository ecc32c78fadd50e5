// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// The comparisons with what else one could use, side by side in one run:
/// <c>peers inference [--model Base] [--batch 1] [--rounds 7] [--short yes] [--torchscript FILE]</c>,
/// <c>peers fine-tuning</c> and <c>peers pre-training</c> with the same options, <c>peers end-to-end [--clips 64]</c>, on the presets for
/// CPUs where no model is named, <c>peers engines [--clips 64]</c>, <c>peers cold-start</c>, and <c>peers growth [--rounds 3] [--svg FILE]</c>. --short adds BFloat16, which
/// takes very long without instructions for it; the model is a preset of
/// <see cref="VideoMaeConfig"/>, with 400 classes.
/// </summary>
internal static class PeersCommand
{
    public static void Run(string[] args)
    {
        TorchRuntime.EnsureLoaded();
        if (args is ["cold-child", string zip, string clip, string unit])
        {
            ScoringCost.ColdChild(zip, clip, double.Parse(unit, CultureInfo.InvariantCulture));
            return;
        }

        Dictionary<string, string> options = args.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        string preset = options.GetValueOrDefault("--model", "Base");
        VideoMaeConfig config = Preset(preset);
        int batch = int.Parse(options.GetValueOrDefault("--batch", "1")), rounds = int.Parse(options.GetValueOrDefault("--rounds", "7"));
        bool shortNumbers = options.ContainsKey("--short");
        switch (args[0])
        {
            case "inference":
                InferencePeers.Run(config, batch, rounds, shortNumbers, options.GetValueOrDefault("--torchscript"));
                break;
            case "fine-tuning":
                TrainingPeers.FineTune(config, batch, rounds, shortNumbers);
                break;
            case "pre-training":
                TrainingPeers.PreTrain(config, batch, rounds, shortNumbers);
                break;
            case "end-to-end":
                Console.WriteLine(Interleaved.Machine());
                foreach (string name in options.ContainsKey("--model") ? [preset] : (string[])["CpuTiny", "CpuSmall"])
                    ScoringCost.EndToEnd(name, Preset(name), int.Parse(options.GetValueOrDefault("--clips", "64")), rounds);
                break;
            case "engines":
                EnginePeers.Run(preset, config, int.Parse(options.GetValueOrDefault("--clips", "64")), rounds);
                break;
            case "cold-start":
                ScoringCost.ColdStart(config, rounds);
                break;
            case "growth":
                if (options.ContainsKey("--model"))
                    GrowthCost.Run(preset, config, rounds);
                else
                    GrowthCost.Run(rounds, options.GetValueOrDefault("--svg"));
                break;
            default:
                throw new ArgumentException($"There is no comparison '{args[0]}'; there are inference, fine-tuning, pre-training, " +
                    "end-to-end, engines, cold-start and growth.");
        }
    }

    private static VideoMaeConfig Preset(string name)
    {
        object preset = typeof(VideoMaeConfig).GetProperty(name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null)
            ?? throw new ArgumentException(
                $"There is no preset '{name}'; there are CpuTiny, CpuSmall, CpuMotion, CpuMotionTiny, Small, Base, Large and Huge.");
        return (VideoMaeConfig)preset with { NumLabels = 400 };
    }
}
