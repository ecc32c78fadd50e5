// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae convert</c>: between ML.NET models and checkpoints.</summary>
internal static class ConvertVerb
{
    private const string Zip = "zip";
    private const string Onnx = "onnx";
    private const string Folder = "folder";

    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "A .zip; or a fine-tuned checkpoint: a folder, a .safetensors, .bin or .pth file, or a hub id." };
        var output = new Option<string>("--output", "-o") { Required = true, Description = "A .zip for ML.NET, a .onnx file, or a folder in Hugging Face's layout." };
        var to = new Option<string?>("--to") { Description = "zip, onnx or folder; without it the ending of the output's name decides." };
        to.AcceptOnlyFromAmong(Zip, Onnx, Folder);
        var command = new Command("convert", "Converts a checkpoint of Hugging Face's or the original's to an ML.NET .zip, an ONNX model or a Hugging Face folder, or a .zip to one of the last two.\n\nExample: videomae convert MCG-NJU/videomae-base-finetuned-kinetics --output kinetics.zip") { model, output, to };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            string path = result.GetValue(model)!, target = result.GetValue(output)!;
            string kind = result.GetValue(to) ?? (IsZip(target) ? Zip : HasExtension(target, ".onnx") ? Onnx : Folder);
            if (IsZip(path) && kind == Zip)
                throw new ArgumentException($"'{path}' and '{target}' are both ML.NET models: there is nothing to convert.");
            using VideoMaeScoringTransformer scoring = IsZip(path)
                ? ModelFile.Find<VideoMaeScoringTransformer>(ModelFile.Load(ml, path), path, "VideoMAE model")
                : ml.Model.LoadVideoMae(path);
            Save(ml, scoring, kind, target);
            Console.WriteLine($"Saved {target}.");
            return 0;
        });
        return command;
    }

    private static void Save(MLContext ml, VideoMaeScoringTransformer scoring, string kind, string target)
    {
        if (kind == Zip)
            SaveZip(ml, scoring, target);
        else if (kind == Folder)
            scoring.SavePretrained(target);
        else if (scoring is VideoMaeClassificationTransformer classifier)
            classifier.SaveOnnx(target);
        else
            throw new ArgumentException($"The model is a {scoring.GetType().Name}; only classifiers are written as ONNX. Convert it to a folder instead.");
    }

    private static void SaveZip(MLContext ml, VideoMaeScoringTransformer scoring, string target)
    {
        IDataView none = ModelFile.Rows(ml, []);
        ITransformer videos = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(none);
        IDataView scored = scoring.Transform(videos.Transform(none));
        var chain = new Microsoft.ML.Data.TransformerChain<ITransformer>(videos, scoring, ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored));
        OutputFile.Write(target, path => ml.Model.Save(chain, none.Schema, path));
    }

    private static bool IsZip(string path) => HasExtension(path, ".zip");

    private static bool HasExtension(string path, string extension) => string.Equals(Path.GetExtension(path), extension, StringComparison.OrdinalIgnoreCase);
}
