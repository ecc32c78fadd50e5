// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae predict</c>: the classes of videos.</summary>
internal static class PredictVerb
{
    private sealed class Prediction
    {
        public string VideoPath { get; set; } = "";

        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "The .zip of a classifier." };
        var videos = new Argument<string[]>("videos") { Arity = ArgumentArity.OneOrMore, Description = "Files, folders, wildcards, or - for a list on the standard input." };
        var json = new Option<bool>("--json") { Description = "Print a line of JSON for each video instead of CSV." };
        var command = new Command("predict", "Predicts the classes of videos, as CSV: path, class, probability. A video that cannot be read gets an empty class, and the exit code is 3.\n\nExample: videomae predict actions.zip clips/*.mp4") { model, videos, json };
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            MLContext ml = common.CreateContext(result);
            string[] paths = VideoList.Expand(result.GetValue(videos)!);
            ITransformer transformer = ModelFile.Load(ml, result.GetValue(model)!);
            return System.Threading.Tasks.Task.FromResult(Predict(ml, transformer, paths, result.GetValue(json), stop));
        });
        return command;
    }

    private static int Predict(MLContext ml, ITransformer model, string[] paths, bool json, System.Threading.CancellationToken stop)
    {
        if (!json)
            Console.WriteLine("path,class,probability");
        // Rows by rows, so that one broken video does not end the others.
        using PredictionEngine<VideoInput, Prediction> engine = ml.Model.CreatePredictionEngine<VideoInput, Prediction>(model, ignoreMissingColumns: false);
        VBuffer<ReadOnlyMemory<char>> names = default;
        engine.OutputSchema["Score"].GetSlotNames(ref names);
        string[] classes = [.. names.DenseValues().Select(n => n.ToString())];
        int failed = 0;
        foreach (string path in paths)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                Prediction prediction = engine.Predict(new VideoInput { VideoPath = path });
                Print(path, prediction, classes, json, null);
            }
            catch (VideoReadException e)
            {
                failed++;
                Console.Error.WriteLine(e.Message);
                Print(path, new Prediction(), classes, json, e.Message);
            }
        }

        return failed == 0 ? 0 : 3;
    }

    private static void Print(string path, Prediction prediction, string[] classes, bool json, string? error)
    {
        if (json)
        {
            Dictionary<string, float> scores = classes.Zip(prediction.Score).OrderByDescending(p => p.Second).ToDictionary(p => p.First, p => p.Second);
            Console.WriteLine(JsonSerializer.Serialize(new { path, predictedLabel = prediction.PredictedLabel, scores, error }));
            return;
        }

        string probability = prediction.Score.Length == 0 ? "" : prediction.Score.Max().ToString("0.000000", CultureInfo.InvariantCulture);
        Console.WriteLine($"{Csv.Quote(path)},{Csv.Quote(prediction.PredictedLabel)},{probability}");
    }
}
