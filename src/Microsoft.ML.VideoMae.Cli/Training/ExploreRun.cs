// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Training;

/// <summary>Looks for the best of several models within a time, measures it and saves it.</summary>
/// <param name="ml">The context.</param>
/// <param name="settings">What was asked for.</param>
/// <param name="folder">The folder of the results.</param>
/// <param name="display">Shows how it goes.</param>
internal sealed class ExploreRun(MLContext ml, TrainSettings settings, string folder, IRunDisplay display)
{
    /// <summary>How long to look where nobody says how long, in seconds.</summary>
    public const int DefaultTime = 900;

    /// <summary>What a model is measured on where there are no videos to measure it on.</summary>
    public const string OutOfFold = "cross-validation";

    /// <summary>What is tried, the cheapest first.</summary>
    /// <param name="pretrainedModel">Weights for the transformers; null for those of the tool.</param>
    public static IReadOnlyList<VideoExperimentCandidate> Candidates(string? pretrainedModel) =>
        [.. VideoExperimentCandidate.Defaults(pretrainedModel)
            .SelectMany(c => c == VideoExperimentCandidate.Motion ? (VideoExperimentCandidate[])[c, VideoImageCandidate.ImageFeatures] : [c])];

    /// <summary>Runs to the end, or to where it was stopped.</summary>
    /// <exception cref="OperationCanceledException">It was stopped before there was anything to keep.</exception>
    public TrainResult Run(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        string? weights = settings.Options[nameof(VideoMaeTrainer.Options.PretrainedModel)] as string;
        CheckWeights(weights);
        VideoSets sets = VideoSets.Load(ml, settings);
        foreach (string note in sets.Notes)
            display.Note($"Warning: {note}");
        VideoList.CheckDecoder(sets.Train.GetColumn<string>("VideoPath").First());
        TransformerChain<VideoLoadingTransformer> front = TaskLabels.Convert(ml, settings.Task)
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(sets.Train);
        IDataView training = front.Transform(sets.Train);
        using VideoExperimentResult found = Experiment(weights, stop)
            .Execute(training, groupColumnName: settings.GroupColumn, progressHandler: new Told(detail => display.Note(detail.ToString())));
        ITransformer best = found.BestRun.Model!;
        ITransformer model = settings.Task != VideoTask.Classification ? front.Append(best)
            : front.Append(best).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(best.Transform(training)));
        string zip = Path.Combine(folder, $"{settings.Name}.zip");
        OutputFile.Write(zip, path => ml.Model.Save(model, ml.Data.LoadFromEnumerable(Array.Empty<VideoInput>()).Schema, path));
        return Result(model, zip, sets, found, Stopwatch.GetElapsedTime(start));
    }

    private VideoExperiment Experiment(string? weights, CancellationToken stop)
    {
        var how = new VideoExperimentSettings
        {
            MaxExperimentTimeInSeconds = (uint)settings.TrainTime!,
            Candidates = [.. Candidates(weights)],
            WorkspacePath = Path.Combine(folder, "state"),
            CancellationToken = stop,
            Seed = settings.Seed,
            ProgressCallback = display.Trial,
        };
        return settings.Task switch
        {
            VideoTask.BinaryClassification => ml.BinaryClassification.CreateVideoExperiment(how),
            VideoTask.Regression => ml.Regression.CreateVideoExperiment(how),
            _ => ml.MulticlassClassification.CreateVideoExperiment(how),
        };
    }

    /// <summary>A name that is wrong is told at once, not after the candidates that need no weights.</summary>
    private static void CheckWeights(string? pretrainedModel)
    {
        if (pretrainedModel is not null && pretrainedModel != "none" && !(ModelFile.IsZip(pretrainedModel) && File.Exists(pretrainedModel)))
            PretrainedFiles.Find(pretrainedModel).Dispose();
    }

    private TrainResult Result(ITransformer model, string zip, VideoSets sets, VideoExperimentResult found, TimeSpan elapsed)
    {
        var measurement = new RunMeasurement(ml, display);
        (ModelQuality? quality, string? failure) = measurement.Measure(model, zip, sets);
        string measuredOn = sets.Measured.Name;
        if (quality is null && failure is null)
            (quality, measuredOn) = (measurement.OutOfFold(model, zip, sets, found.BestRun, elapsed), OutOfFold);
        // A frozen encoder was not trained here: a model of its features is described by what was tried.
        VideoMaeScoringTransformer? network = ModelFile.All(model).OfType<VideoMaeScoringTransformer>()
            .LastOrDefault(t => t is VideoMaeClassificationTransformer or VideoMaeRegressionTransformer);
        return new TrainResult(zip, sets, [], network?.Config, network?.ParameterCount ?? 0, network?.ModelCard, quality,
            failure is null ? sets.Notes : [.. sets.Notes, failure], failure is not null, found.WasStopped)
        {
            MeasuredOn = measuredOn,
            Trials = [.. found.RunDetails.Select(d => Training.Trial.From(d, d == found.BestRun))],
            Suspects = measurement.Suspects(sets, found),
            Findings = found.Findings,
        };
    }

    /// <summary>Progress that is told at once: <see cref="Progress{T}"/> tells later, in another thread.</summary>
    private sealed class Told(Action<VideoExperimentRunDetail> tell) : IProgress<VideoExperimentRunDetail>
    {
        public void Report(VideoExperimentRunDetail value) => tell(value);
    }
}
