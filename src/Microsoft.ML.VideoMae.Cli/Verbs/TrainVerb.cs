// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Generated;
using VideoMaeCli.Progress;
using VideoMaeCli.Report;
using VideoMaeCli.Training;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae train</c>: a folder of videos becomes a model.</summary>
internal sealed class TrainVerb
{
    private readonly CommonOptions _common = new();
    private readonly TrainingOptions _training = new();
    private readonly ListOptions _list = new();
    private readonly Argument<string?> _file = new("mbconfig") { Arity = ArgumentArity.ZeroOrOne, Description = "A .mbconfig file that an earlier run wrote; options given as well win." };
    private readonly Option<string?> _dataset = new("--dataset") { Description = "A folder with a folder of videos for each class (train, val and test folders above them are honoured), or a CSV file with path and label." };
    private readonly Option<string?> _validation = new("--validation-dataset") { Description = "Videos to validate on, in the same form." };
    private readonly Option<string> _name = new("--name") { Description = "The name of the model.", DefaultValueFactory = _ => "videomae" };
    private readonly Option<DirectoryInfo?> _output = new("--output", "-o") { Description = "The folder of the results. The default is the current one, or that of the .mbconfig file." };
    private readonly Option<string?> _model = new("--pretrained-model") { Description = "The weights to start from: a folder, a .safetensors, .bin, .pth or .zip file, or a hub id. Without it, a small model is trained from scratch." };
    private readonly Option<FineTuningMode> _mode = new("--fine-tuning") { Description = "What is trained." };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the videos; 60 if not given." };
    private readonly Option<int?> _batch = new("--batch-size") { Description = "Videos per step; 16 if not given." };
    private readonly Option<float?> _rate = new("--learning-rate") { Description = "The peak learning rate." };
    private readonly Option<float> _share = new("--validation-share") { Description = "The share of the videos to validate on, where the data set has no validation videos; 0 trains on all.", DefaultValueFactory = _ => 0.2f };
    private readonly Option<string?> _group = new("--group-column") { Description = "A column of the CSV file that says which videos belong together: a share never separates them." };
    private readonly Option<int?> _patience = new("--patience") { Description = "Epochs without improvement after which training ends early." };
    private readonly Option<string?> _augment = new("--rand-augment") { Description = "Random changes of colour and shape to training videos, in timm's notation, such as rand-m7-n2-mstd0.5-inc1: for data sets with few videos a class." };

    public static Command Create() => new TrainVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("train", """
            Trains a video classifier. Writes NAME.zip, report.html, metrics.json, C# to use it (NAME.consumption.cs, NAME.training.cs, NAME.evaluate.cs)
            and NAME.mbconfig. A run that was stopped goes on when it is started again.

            Examples:
              videomae train --dataset actions --name actions --output results
              videomae train --dataset actions --pretrained-model MCG-NJU/videomae-base --fine-tuning LinearProbe
              videomae train results/actions.mbconfig --epochs 100
            """)
        {
            _file, _dataset, _validation, _name, _output, _model, _mode, _epochs, _batch, _rate, _share, _group, _patience, _augment,
        };
        _list.AddTo(command);
        _training.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        TrainSettings settings = Read(result);
        settings.Check();
        string folder = result.GetValue(_output)?.FullName ?? Path.GetDirectoryName(Path.GetFullPath(result.GetValue(_file) ?? "x"))!;
        IRunDisplay display = RunDisplay.Create(_common.VerbosityOf(result));
        MLContext ml = _common.CreateContext(result, display.Note, settings.Seed, settings.Device);
        TrainResult trained = display.Show(() => new TrainRun(ml, settings, folder, display).Run(stop));
        string[] files = RunFiles.Write(settings, trained, new ReportMaker(ml));
        if (trained.Quality is not null)
        {
            Console.WriteLine($"On the {trained.Sets.Measured.Name} videos:");
            MetricsReport.Print(trained.Quality);
        }
        else
        {
            Console.WriteLine("The model is not measured.");
        }

        Console.WriteLine($"Saved {trained.Zip} and, beside it, {string.Join(", ", files)}.");
        return trained.HasFailedToMeasure ? ExitCode.SomethingWrong : ExitCode.Done;
    }

    /// <summary>What stands in the file, with what stands on the command line in its place.</summary>
    private TrainSettings Read(ParseResult result)
    {
        TrainSettings file = result.GetValue(_file) is string path ? MbConfig.Read(path) : new TrainSettings();
        T Chosen<T>(Option<T> option, T otherwise) => result.GetResult(option) is { Implicit: false } ? result.GetValue(option)! : otherwise;
        return file with
        {
            Dataset = Chosen(_dataset, null) is string dataset ? Path.GetFullPath(dataset) : file.Dataset,
            ValidationDataset = Chosen(_validation, null) is string validation ? Path.GetFullPath(validation) : file.ValidationDataset,
            List = _list.Read(result, file.List),
            Name = Chosen(_name, file.Name),
            PretrainedModel = Chosen(_model, null) is string model ? (Path.Exists(model) ? Path.GetFullPath(model) : model) : file.PretrainedModel,
            FineTuning = Chosen(_mode, file.FineTuning),
            Epochs = Chosen(_epochs, file.Epochs),
            BatchSize = Chosen(_batch, file.BatchSize),
            LearningRate = Chosen(_rate, file.LearningRate),
            ValidationShare = Chosen(_share, file.ValidationShare),
            GroupColumn = Chosen(_group, file.GroupColumn),
            Patience = Chosen(_patience, file.Patience),
            RandAugment = Chosen(_augment, file.RandAugment),
            Resizing = Chosen(_training.Resizing, file.Resizing),
            Precision = Chosen(_training.Precision, file.Precision),
            ActivationCheckpointing = Chosen(_training.ActivationCheckpointing, file.ActivationCheckpointing),
            Seed = _common.SeedOf(result) ?? file.Seed,
            Device = _common.DeviceOf(result) ?? file.Device,
        };
    }
}
