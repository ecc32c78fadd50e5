// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae train</c>: a folder of videos becomes a model.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var dataset = new Option<string>("--dataset") { Required = true, Description = "A folder with a folder of videos for each class (train, val and test folders above them are honoured), or a CSV file with path and label." };
        var validation = new Option<string?>("--validation-dataset") { Description = "Videos to validate on, in the same form." };
        var name = new Option<string>("--name") { Description = "The name of the model.", DefaultValueFactory = _ => "videomae" };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "The folder of the results.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var model = new Option<string?>("--pretrained-model") { Description = "The weights to start from: a folder, a .safetensors, .bin, .pth or .zip file, or a hub id. Without it, a small model is trained from scratch." };
        var mode = new Option<FineTuningMode>("--fine-tuning") { Description = "What is trained." };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the videos." };
        var batch = new Option<int?>("--batch-size") { Description = "Videos per step." };
        var rate = new Option<float?>("--learning-rate") { Description = "The peak learning rate." };
        var share = new Option<float>("--validation-share") { Description = "The share of the videos to validate on, without a validation data set." };
        var command = new Command("train", "Trains a video classifier and writes NAME.zip and NAME.metrics.json. A run that was stopped goes on when it is started again.\n\nExample: videomae train --dataset actions --validation-share 0.2 --name actions --output results")
        {
            dataset, validation, name, output, model, mode, epochs, batch, rate, share,
        };
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            string folder = result.GetValue(output)!.FullName, zip = Path.Combine(folder, $"{result.GetValue(name)}.zip");
            MLContext ml = common.CreateContext(result);
            (IDataView train, IDataView? val, IDataView? test) = DatasetLoader.Split(ml, DatasetLoader.Load(ml, result.GetValue(dataset)!));
            val = result.GetValue(validation) is string path ? DatasetLoader.Load(ml, path) : val;
            var options = new VideoMaeTrainer.Options
            {
                PretrainedModel = result.GetValue(model),
                FineTuning = result.GetValue(mode),
                LearningRate = result.GetValue(rate),
                ValidationFraction = val is null ? result.GetValue(share) : 0,
                WorkspacePath = Path.Combine(folder, "state"),
                OnCancellation = CancellationBehavior.ReturnBest,
                CancellationToken = stop,
                MetricsCallback = m => Say(common, result, m),
            };
            options.NumberOfEpochs = result.GetValue(epochs) ?? options.NumberOfEpochs;
            options.BatchSize = result.GetValue(batch) ?? options.BatchSize;
            return System.Threading.Tasks.Task.FromResult(Run(ml, options, train, val, test, zip));
        });
        return command;
    }

    private static void Say(CommonOptions common, ParseResult result, VideoMaeMetrics metrics)
    {
        if (common.SaysEpochs(result))
            Console.WriteLine(metrics);
    }

    private static int Run(MLContext ml, VideoMaeTrainer.Options options, IDataView train, IDataView? validation, IDataView? test, string zip)
    {
        // Labels become keys first, so that the validation videos have those of the training videos.
        var keys = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(train);
        options.ValidationSet = validation is null ? null : keys.Transform(validation);
        using VideoMaeClassificationTransformer classifier = ml.MulticlassClassification.Trainers.VideoMae(options).Fit(keys.Transform(train));
        ITransformer model = keys.Append(classifier).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(classifier.Transform(keys.Transform(train))));
        OutputFile.Write(zip, path => ml.Model.Save(model, ml.Data.LoadFromEnumerable(Array.Empty<VideoInput>()).Schema, path));
        Console.WriteLine($"Saved {zip}.");
        if (test is null && validation is null)
            return 0;
        string which = test is null ? "validation" : "test";
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(test ?? validation!));
        Console.WriteLine($"On the {which} videos:");
        MetricsReport.Print(metrics);
        OutputFile.Write(Path.ChangeExtension(zip, ".metrics.json"), path => File.WriteAllText(path, MetricsReport.ToJson(metrics, which)));
        return 0;
    }
}
