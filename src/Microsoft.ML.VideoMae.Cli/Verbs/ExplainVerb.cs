// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae explain</c>: where a classifier looked.</summary>
internal static class ExplainVerb
{
    private const int Shown = 5;

    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "The .zip of a classifier." };
        var video = new Argument<string>("video") { Description = "The video." };
        var output = new Option<FileInfo>("--output", "-o") { Required = true, Description = "The PNG file." };
        var command = new Command("explain", "Draws where a classifier looked (attention rollout).\n\nExample: videomae explain actions.zip clip.mp4 --output clip.png") { model, video, output };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            string file = result.GetValue(model)!;
            var classifier = ModelFile.Find<VideoMaeClassificationTransformer>(ModelFile.Load(ml, file), file, "classifier");
            VideoMaeExplanation explanation = classifier.Explain(MLVideo.CreateFromFile(result.GetValue(video)!));
            explanation.SavePng(result.GetValue(output)!.FullName);
            foreach ((string name, float probability) in explanation.Prediction.Take(Shown))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{probability:0.000} {name}"));
            return 0;
        });
        return command;
    }
}
