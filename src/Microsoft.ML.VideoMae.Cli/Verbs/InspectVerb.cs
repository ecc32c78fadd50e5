// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae inspect</c>: what is in a checkpoint or a model.</summary>
internal sealed class InspectVerb
{
    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model =
        new("model") { Description = "A folder, a .safetensors, .bin, .pth, .ckpt or .zip file, or a hub id." };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new InspectVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("inspect", """
            Shows architecture, parameters, labels, processor, keys and licence of a checkpoint, and the model card of a .zip.

            Examples:
              videomae inspect actions.zip
              videomae inspect MCG-NJU/videomae-base --json
            """)
        {
            _model, _json,
        };
        _common.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        MLContext ml = _common.CreateContext(result);
        string path = result.GetValue(_model)!;
        if (ModelFile.IsZip(path))
        {
            ITransformer loaded = ModelFile.Load(ml, path);
            using var scoring = ModelFile.TryFind<VideoMaeScoringTransformer>(loaded);
            if (scoring is null)
            {
                PrintSteps(ml, loaded, path, result.GetValue(_json));
                return ExitCode.Done;
            }

            Print(result, scoring.GetType().Name, scoring.ParameterCount, scoring.Config, scoring.Processor, null, scoring.ModelCard,
                scoring.Source);
            return ExitCode.Done;
        }

        using PretrainedFiles files = ModelFile.Checkpoint(path);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(files.WeightsPath);
        Print(result, model.GetType().Name, model.ParameterCount, model.Config, ModelFile.ProcessorOf(files), model.LoadReport, null,
            model.Source);
        return ExitCode.Done;
    }

    /// <summary>A classifier of plain features has no network to describe.</summary>
    private static void PrintSteps(MLContext ml, ITransformer model, string path, bool isJson)
    {
        string[] steps = [.. ModelFile.All(model).Select(step => step.GetType().Name)];
        var scorer = new VideoScorer(ml, model, path);
        string[] classes = scorer.Classes;
        bool isOfNumbers = scorer.Task == VideoTask.Regression;
        string kind = isOfNumbers ? "Regression on features" : "Classifier of features";
        Console.WriteLine(isJson
            ? JsonSerializer.Serialize(new { kind, task = VideoTasks.NameOf(scorer.Task), steps, classes }, Json.Options)
            : (isOfNumbers ? "A model of numbers on features, without a VideoMAE model.\n"
                : $"A classifier of features, without a VideoMAE model. {classes.Length} classes: {string.Join(", ", classes)}\n") +
                $"Its steps: {string.Join(", ", steps)}");
    }

    private void Print(ParseResult result, string kind, long parameters, VideoMaeConfig config, VideoMaeImageProcessor? processor,
        KeyReport? keys, VideoMaeModelCard? card, CheckpointCard? source)
    {
        if (result.GetValue(_json))
        {
            JsonNode? settings = processor is null ? null : JsonNode.Parse(processor.ToJson());
            Console.WriteLine(JsonSerializer.Serialize(
                new { kind, parameters, config = JsonNode.Parse(config.ToJson()), processor = settings, keys, card, source = Facts(source) },
                Json.Options));
            return;
        }

        Console.WriteLine($"{kind}, {parameters.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture)} parameters");
        foreach (string line in Describe(config))
            Console.WriteLine(line);
        Console.WriteLine(processor is null
            ? "No processor settings beside the weights: the defaults are used."
            : $"Processor: {Compact(processor)}");
        // A licence that forbids something is among the notes of the keys already.
        if (source?.ToString() is string license && keys?.Notes.Contains(license) != true)
            Console.WriteLine(license);
        if (keys is not null)
            Console.WriteLine(keys);
        else
            Console.WriteLine(card?.ToString() ?? "No model card: it was not trained by this package, or by a version that wrote none.");
    }

    private static IEnumerable<string> Describe(VideoMaeConfig config)
    {
        yield return $"{config.NumFrames} frames of {config.ImageSize.Width}x{config.ImageSize.Height}, patches of " +
            $"{config.TubeletSize}x{config.PatchSize.Height}x{config.PatchSize.Width}: {config.NumPatches} tokens";
        yield return $"{config.NumHiddenLayers} blocks of width {config.HiddenSize}, {config.NumAttentionHeads} heads";
        if (config.Id2Label is { Count: > 0 } labels)
            yield return $"{labels.Count} labels: " +
                $"{string.Join(", ", ClassNames.Distinct([.. labels.OrderBy(l => l.Key).Select(l => l.Value)]))}";
    }

    private static object? Facts(CheckpointCard? source) => source is null ? null : new
    {
        source.Repository,
        source.License,
        source.LicenseName,
        source.LicenseLink,
        source.ForbidsCommercialUse,
        source.BaseModels,
        source.Datasets,
    };

    private static string Compact(VideoMaeImageProcessor processor) => JsonNode.Parse(processor.ToJson())!.ToJsonString();
}
