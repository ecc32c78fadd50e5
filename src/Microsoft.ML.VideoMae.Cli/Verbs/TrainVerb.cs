// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Generated;
using VideoMaeCli.Progress;
using VideoMaeCli.Report;
using VideoMaeCli.Training;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae train</c>: a folder of videos becomes a model.</summary>
internal sealed class TrainVerb
{
    private readonly CommonOptions _common = new();
    private readonly OptionFlags _flags = new(VideoMaeOption.Of<VideoMaeTrainer.Options>());
    private readonly ListOptions _list = new();
    private readonly Argument<string?> _file = new("mbconfig")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A .mbconfig file that an earlier run wrote; options given as well win."
    };
    private readonly Option<string?> _dataset = new("--dataset")
    {
        Description = "A folder with a folder of videos for each class (train, val and test folders above them are " +
            "honoured), or a CSV file with path and label."
    };
    private readonly Option<string?> _validation = new("--validation-dataset") { Description = "Videos to validate on, in the same form." };
    private readonly Option<string?> _test = new("--test-dataset")
    {
        Description = "Videos that are scored once, at the end, in the same form."
    };
    private readonly Option<int?> _time = new("--train-time")
    {
        Description = "The seconds to look for the best of several models, from plain features to a transformer. That is what is done " +
            $"unless a setting of a single run is given, such as --epochs or --fine-tuning; {ExploreRun.DefaultTime} if not given."
    };
    private readonly Option<VideoTask> _task = new("--task")
    {
        Description = "What is learned: classification (the default), binary-classification (labels such as true and false), or " +
            "regression (labels that are numbers).",
        CustomParser = ParseTask,
    };
    private readonly Option<string> _name = new("--name") { Description = "The name of the model.", DefaultValueFactory = _ => "videomae" };
    private readonly Option<DirectoryInfo?> _output =
        new("--output", "-o") { Description = "The folder of the results. The default is the current one, or that of the .mbconfig file." };
    private readonly Option<float> _share = new("--validation-share")
    {
        Description = "The share of the videos to validate on, where the data set has no validation videos; 0 trains on all.",
        DefaultValueFactory = _ => 0.2f
    };
    private readonly Option<bool> _quick = new("--no-near-duplicates")
    {
        Description = "Do not look for videos of the same recording in several parts of the data set, which reads each video once more."
    };
    private readonly Option<string?> _group = new("--group-column")
    {
        Description = "A column of the CSV file that says which videos belong together: a share never separates them."
    };

    public static Command Create() => new TrainVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("train", """
            Trains a video classifier, or with --task a model of yes or no or of numbers: tries several kinds of models
            within --train-time, and takes the best by cross-validation. --epochs, --fine-tuning or another setting of a
            single run trains one transformer. Writes NAME.zip, report.html, metrics.json, C# to use it (NAME.consumption.cs,
            NAME.training.cs, NAME.evaluate.cs) and NAME.mbconfig. A run that was stopped goes on when it is started again.

            Examples:
              videomae train --dataset actions --name actions --output results
              videomae train --dataset actions.csv --train-time 300 --group-column recording --test-dataset test.csv
              videomae train --dataset speeds.csv --label-column speed --task regression
              videomae train --dataset actions --pretrained-model MCG-NJU/videomae-base --fine-tuning LinearProbe
              videomae train results/actions.mbconfig --epochs 100
            """)
        {
            _file, _dataset, _validation, _test, _time, _task, _name, _output, _share, _group, _quick,
        };
        _task.CompletionSources.Clear(); // The names of the enumeration.
        _task.CompletionSources.Add([.. VideoTasks.Names]);
        _flags.AddTo(command);
        _list.AddTo(command);
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
        if (settings.TrainTime is not null && ProcessGroup.Current.Size > 1)
            throw new ArgumentException($"{ProcessGroup.Current.Size} processes were started together, and looking for the best of several " +
                "models is not shared out: start one process, or give a setting of a single run, such as --epochs.");
        TrainResult? trained = display.Show(() => settings.TrainTime is null
            ? new TrainRun(ml, settings, folder, display).Run(stop)
            : new ExploreRun(ml, settings, folder, display).Run(stop));
        if (trained is null)
            return ExitCode.Done;
        if (!result.GetValue(_quick))
            trained = WithTwins(ml, trained, display, stop);
        return Finish(ml, settings, trained);
    }

    /// <summary>The run is done: what goes wrong here, or takes too long for someone, does not end it.</summary>
    private static TrainResult WithTwins(MLContext ml, TrainResult trained, IRunDisplay display, CancellationToken stop)
    {
        if (trained.Sets.Validation is null && trained.Sets.Test is null)
            return trained;
        display.Note("Looking for videos of the same recording in several parts of the data set.");
        try
        {
            SplitTwin[] twins = SplitTwins.Find(ml, trained.Sets, out string? note, stop);
            return trained with { Twins = twins, Notes = note is null ? trained.Notes : [.. trained.Notes, note] };
        }
        catch (OperationCanceledException)
        {
            return trained with { Notes = [.. trained.Notes, "The search for near duplicates across the parts was stopped."] };
        }
    }

    /// <summary>Writes what lies beside the model, and says what came of the run.</summary>
    private static int Finish(MLContext ml, TrainSettings settings, TrainResult trained)
    {
        string[] files = RunFiles.Write(settings, trained, new ReportMaker(ml));
        if (trained.Trials.Count > 0)
            Trial.Print(trained.Trials, settings.Task);
        foreach (string finding in trained.Findings)
            Console.WriteLine(finding);
        if (trained.Suspects.Count > 0)
            Console.WriteLine($"{trained.Suspects.Count} labels of training videos look wrong: report.html shows them.");
        if (trained.Twins.Count > 0)
            Console.WriteLine($"{trained.Twins.Count} pairs of videos in several parts show nearly the same recording: report.html has them.");
        if (trained.Quality is not null)
        {
            Console.WriteLine(trained.MeasuredOn == ExploreRun.OutOfFold
                ? "In cross-validation, each video scored by a model that was not trained on it:"
                : $"On the {trained.MeasuredOn} videos:");
            trained.Quality.Print();
        }
        else
        {
            Console.WriteLine("The model is not measured.");
        }

        if (settings.Options[nameof(VideoMaeTrainer.Options.PretrainedModel)] is null)
            Console.WriteLine(PublishedModel.Advice);
        Console.WriteLine($"Saved {trained.Zip} and, beside it, {string.Join(", ", files)}.");
        return trained.HasFailedToMeasure ? ExitCode.SomethingWrong : ExitCode.Done;
    }

    /// <summary>What stands in the file, with what stands on the command line in its place.</summary>
    private TrainSettings Read(ParseResult result)
    {
        TrainSettings file = result.GetValue(_file) is string path ? MbConfig.Read(path) : new TrainSettings();
        T Chosen<T>(Option<T> option, T otherwise) => result.GetResult(option) is { Implicit: false }
            ? result.GetValue(option)!
            : otherwise;
        OptionValues given = Given(result);
        return file with
        {
            TestDataset = Chosen(_test, null) is string test ? Path.GetFullPath(test) : file.TestDataset,
            TrainTime = TimeOf(result, file, given),
            Task = Chosen(_task, file.Task),
            Dataset = Chosen(_dataset, null) is string dataset ? Path.GetFullPath(dataset) : file.Dataset,
            ValidationDataset = Chosen(_validation, null) is string validation ? Path.GetFullPath(validation) : file.ValidationDataset,
            List = _list.Read(result, file.List),
            Name = Chosen(_name, file.Name),
            ValidationShare = Chosen(_share, file.ValidationShare),
            GroupColumn = Chosen(_group, file.GroupColumn),
            Options = file.Options.With(given),
            Seed = _common.SeedOf(result) ?? file.Seed,
            Device = _common.DeviceOf(result) ?? file.Device,
        };
    }

    /// <summary>How long to look for the best model; null for a run that trains one, which the settings of one ask for.</summary>
    /// <exception cref="ArgumentException">Both were asked for.</exception>
    private int? TimeOf(ParseResult result, TrainSettings file, OptionValues given)
    {
        string[] single = [.. given.Names.Except([nameof(VideoMaeTrainer.Options.PretrainedModel)])
            .Select(name => VideoMaeOption.Of<VideoMaeTrainer.Options>().Single(o => o.Name == name).Flag!)
            .Concat(result.GetResult(_share) is { Implicit: false } ? (string[])["--validation-share"] : [])];
        bool isTimeGiven = result.GetResult(_time) is { Implicit: false };
        if (isTimeGiven && single.Length > 0)
            throw new ArgumentException($"--train-time tries several models, and {string.Join(", ", single)} belongs to a run that " +
                "trains one. Leave one of them out.");
        return isTimeGiven ? result.GetValue(_time)
            : single.Length > 0 ? null
            : result.GetValue(_file) is null ? ExploreRun.DefaultTime : file.TrainTime;
    }

    private static VideoTask ParseTask(ArgumentResult result)
    {
        try
        {
            return VideoTasks.Parse(result.Tokens[0].Value);
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }

    /// <summary>A checkpoint on this machine is known by its full path, wherever the run is repeated from.</summary>
    private OptionValues Given(ParseResult result)
    {
        OptionValues given = _flags.Read(result);
        return given[nameof(VideoMaeTrainer.Options.PretrainedModel)] is string model && model != "none" && Path.Exists(model)
            ? given.With(nameof(VideoMaeTrainer.Options.PretrainedModel), Path.GetFullPath(model))
            : given;
    }
}
