// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae explain</c>: where a classifier looked.</summary>
internal static class ExplainVerb
{
    private const int Shown = 5;

    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model")
        {
            Description =
                "A classifier: a .zip, or a checkpoint, which is a folder, a .safetensors, .bin, .pth or .ckpt file, or a hub id."
        };
        var video = new Argument<string>("video") { Description = "The video." };
        var output = new Option<FileInfo>("--output", "-o") { Required = true, Description = "The PNG file." };
        var command = new Command("explain", "Draws where a classifier looked (attention rollout).\n\nExample: videomae explain " +
            "actions.zip clip.mp4 --output clip.png") { model, video, output };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            string file = result.GetValue(model)!, path = result.GetValue(video)!;
            ITransformer loaded = ModelFile.LoadAny(ml, file);
            var classifier = ModelFile.Find<VideoMaeClassificationTransformer>(loaded, file, "classifier");
            VideoMaeExplanation explanation = classifier.Explain(MLVideo.CreateFromFile(path));
            explanation.SavePng(result.GetValue(output)!.FullName);
            foreach ((string name, float probability) in Named(ml, loaded, file, path, explanation).Take(Shown))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{probability:0.000} {name}"));
            return 0;
        });
        return command;
    }

    /// <summary>
    /// The probabilities by the names that the tool shows. Where two classes share one, the prediction does not say which is which, and the
    /// video is scored again.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, float>> Named(MLContext ml, ITransformer model, string file, string path,
        VideoMaeExplanation explanation)
    {
        if (explanation.Prediction.DistinctBy(p => p.Key).Count() == explanation.Prediction.Count)
            return explanation.Prediction;
        var scorer = new VideoScorer(ml, model, file);
        (float[]? scores, _) = scorer.ScoreRows([new VideoInput { VideoPath = path }]).Single();
        return scorer.Classes.Zip(scores!, (name, score) => new KeyValuePair<string, float>(name, score)).OrderByDescending(p => p.Value);
    }
}
