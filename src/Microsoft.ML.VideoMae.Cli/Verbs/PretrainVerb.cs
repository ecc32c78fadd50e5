// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Progress;
using VideoMaeCli.Training;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae pretrain</c>: videos without labels become weights to start from.</summary>
internal static class PretrainVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var flags = new OptionFlags(VideoMaeOption.Of<VideoMaePretrainingEstimator.Options>());
        var dataset = new Option<string>("--dataset")
        {
            Required = true,
            Description = "A folder of videos, or of folders of videos, at any depth; labels are not looked " +
                "at. A folder of pictures is one clip."
        };
        var name = new Option<string>("--name") { Description = "The name of the model.", DefaultValueFactory = _ => "pretrained" };
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "The folder of the results.",
            DefaultValueFactory = _ => new DirectoryInfo(".")
        };
        var command = new Command("pretrain", "Pre-trains a model on videos without labels and writes NAME.zip, for 'videomae train " +
            "--pretrained-model'.\n\nExample: videomae pretrain --dataset videos --name mine")
        {
            dataset, name, output,
        };
        flags.AddTo(command);
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            ModelName.Check(result.GetValue(name)!);
            string folder = result.GetValue(output)!.FullName, zip = Path.Combine(folder, $"{result.GetValue(name)}.zip");
            IRunDisplay display = RunDisplay.Create(common.VerbosityOf(result));
            MLContext ml = common.CreateContext(result, display.Note);
            var options = new VideoMaePretrainingEstimator.Options
            {
                WorkspacePath = Path.Combine(folder, "state"),
                OnCancellation = CancellationBehavior.ReturnBest,
                CancellationToken = stop,
                StepCallback = display.Step,
                ProgressCallback = display.Progress,
                MetricsCallback = display.Epoch,
            };
            flags.Read(result).ApplyTo(options);
            string[] paths = Videos(ml, result.GetValue(dataset)!);
            VideoList.CheckDecoder(paths[0]);
            IDataView videos = ModelFile.Rows(ml, paths);
            TransformerChain<VideoMaePretrainedTransformer> trained = display.Show(
                () => ml.Transforms.LoadVideos("Video", "VideoPath").Append(ml.Transforms.PretrainVideoMae(options)).Fit(videos));
            if (!ProcessGroup.Current.IsFirst)
                return Task.FromResult(0);
            using (trained.LastTransformer)
                OutputFile.Write(zip, path => ml.Model.Save(trained, videos.Schema, path));
            Console.WriteLine($"Saved {zip}.");
            return Task.FromResult(0);
        });
        return command;
    }

    private static string[] Videos(MLContext ml, string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        // The order is part of what a run is known by, so that it stays what it was.
        return [.. ml.Data.LoadUnlabeledVideosFromDirectory(folder).GetColumn<string>("VideoPath").Order(StringComparer.Ordinal)];
    }
}
