// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae reconstruct</c>: what a pre-trained model makes of what it cannot see.</summary>
internal static class ReconstructVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "The .zip of a pre-trained model." };
        var video = new Argument<string>("video") { Description = "The video." };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Required = true,
            Description = "The picture: .png, or .gif for an animation."
        };
        var command = new Command("reconstruct", "Draws a video, what the model was shown of it, and what it made of that.\n\nExample: " +
            "videomae reconstruct pretrained.zip clip.mp4 --output clip.gif") { model, video, output };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            string file = result.GetValue(model)!, path = result.GetValue(output)!.FullName;
            var pretrained = ModelFile.Find<VideoMaePretrainedTransformer>(ModelFile.Load(ml, file), file, "pre-trained model");
            VideoMaeReconstruction reconstruction = pretrained.Reconstruct(MLVideo.CreateFromFile(result.GetValue(video)!));
            switch (Path.GetExtension(path).ToLowerInvariant())
            {
                case ".png":
                    reconstruction.SavePng(path);
                    break;
                case ".gif":
                    reconstruction.SaveGif(path);
                    break;
                default:
                    throw new ArgumentException($"--output is '{path}'; it has to end in .png or .gif.");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Reconstruction loss {reconstruction.Loss:0.0000}. Drew {path}."));
            return 0;
        });
        return command;
    }
}
