// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae inspect</c>: what is in a checkpoint or a model.</summary>
internal static class InspectVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "A folder, a .safetensors, .bin, .pth or .zip file, or a hub id." };
        var command = new Command("inspect", "Shows architecture, parameters, labels and keys of a checkpoint or a model.\n\nExample: videomae inspect actions.zip") { model };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            string path = result.GetValue(model)!;
            if (File.Exists(path) && string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase))
            {
                var scoring = ModelFile.Find<VideoMaeScoringTransformer>(ModelFile.Load(ml, path), path, "VideoMAE model");
                Console.WriteLine($"{scoring.GetType().Name}, reads column '{scoring.FeatureColumnName}'");
                Print(scoring.Config);
                Console.WriteLine(scoring.ModelCard?.ToString() ?? "No model card: it was not trained by this package, or by a version that wrote none.");
                return 0;
            }

            using VideoMaeForVideoClassification loaded = VideoMaeForVideoClassification.FromPretrained(path);
            Console.WriteLine($"{loaded.ParameterCount:#,0} parameters as a classifier");
            Print(loaded.Config);
            Console.WriteLine(loaded.LoadReport);
            return 0;
        });
        return command;
    }

    private static void Print(VideoMaeConfig config)
    {
        Console.WriteLine($"{config.NumFrames} frames of {config.ImageSize.Width}x{config.ImageSize.Height}, patches of {config.TubeletSize}x{config.PatchSize.Height}x{config.PatchSize.Width}: {config.NumPatches} tokens");
        Console.WriteLine($"{config.NumHiddenLayers} blocks of width {config.HiddenSize}, {config.NumAttentionHeads} heads");
        if (config.Id2Label is { Count: > 0 } labels)
            Console.WriteLine($"{labels.Count} labels: {string.Join(", ", labels.OrderBy(l => l.Key).Select(l => l.Value))}");
    }
}
