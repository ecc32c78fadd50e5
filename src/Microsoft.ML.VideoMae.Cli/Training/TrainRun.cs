// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Training;

/// <summary>Trains one transformer, measures it and saves it.</summary>
/// <param name="ml">The context.</param>
/// <param name="settings">What was asked for.</param>
/// <param name="folder">The folder of the results.</param>
/// <param name="display">Shows how it goes.</param>
internal sealed class TrainRun(MLContext ml, TrainSettings settings, string folder, IRunDisplay display)
{
    /// <summary>Runs to the end, or to where it was stopped; null in a process that works for another, which has the result.</summary>
    /// <exception cref="OperationCanceledException">It was stopped before there was anything to keep.</exception>
    public TrainResult? Run(CancellationToken stop)
    {
        VideoSets sets = VideoSets.Load(ml, settings);
        foreach (string note in sets.Notes)
            display.Note($"Warning: {note}");
        VideoList.CheckDecoder(sets.Train.GetColumn<string>("VideoPath").First());
        var history = new EpochHistory(Path.Combine(folder, "state", $"{settings.Name}.epochs.json"), settings);
        // Labels are converted first, so that the validation videos have the keys of the training videos.
        TransformerChain<VideoLoadingTransformer> front = TaskLabels.Convert(ml, settings.Task)
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(sets.Train);
        VideoMaeTrainerOptions options = settings.ToOptions();
        options.ValidationSet = sets.Validation is null ? null : front.Transform(sets.Validation);
        options.WorkspacePath = Path.Combine(folder, "state");
        options.OnCancellation = CancellationBehavior.ReturnBest;
        options.CancellationToken = stop;
        options.StepCallback = display.Step;
        options.ProgressCallback = display.Progress;
        options.MetricsCallback = metrics =>
        {
            history.Add(metrics);
            display.Epoch(metrics);
        };
        IDataView training = front.Transform(sets.Train);
        using VideoMaeScoringTransformer trained = TaskTrainer.Fit(ml, options, training);
        if (!ProcessGroup.Current.IsFirst)
            return null;
        ITransformer model = settings.Task != VideoTask.Classification ? front.Append(trained)
            : front.Append(trained).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(trained.Transform(training)));
        string zip = Path.Combine(folder, $"{settings.Name}.zip");
        OutputFile.Write(zip, path => ml.Model.Save(model, ml.Data.LoadFromEnumerable(Array.Empty<VideoInput>()).Schema, path));
        (ModelQuality? quality, string? failure) = new RunMeasurement(ml, display).Measure(model, zip, sets);
        return new TrainResult(zip, sets, history.Epochs, trained.Config, trained.ParameterCount, trained.ModelCard, quality,
            failure is null ? sets.Notes : [.. sets.Notes, failure], failure is not null, stop.IsCancellationRequested);
    }
}

/// <summary>What a run came to.</summary>
/// <param name="Zip">The model's file.</param>
/// <param name="Sets">The videos.</param>
/// <param name="Epochs">The curve; empty where several models were tried.</param>
/// <param name="Config">The shape of the transformer; null where the model has none.</param>
/// <param name="ParameterCount">The number of values in all parameters of the transformer.</param>
/// <param name="Card">What the model says of itself, with what was left to choose chosen.</param>
/// <param name="Quality">How good it is on the test videos, or else the validation videos; null where there are none.</param>
/// <param name="Notes">What could not be measured, and why.</param>
/// <param name="HasFailedToMeasure">Whether there were videos to measure on, and none of them could be read.</param>
/// <param name="WasStopped">Whether it was stopped before its end.</param>
internal sealed record TrainResult(string Zip, VideoSets Sets, IReadOnlyList<Epoch> Epochs, VideoMaeConfig? Config, long ParameterCount,
    VideoMaeModelCard? Card, ModelQuality? Quality, IReadOnlyList<string> Notes, bool HasFailedToMeasure, bool WasStopped)
{
    /// <summary>What the quality was measured on: test, validation or cross-validation.</summary>
    public string MeasuredOn { get; init; } = Sets.Measured.Name;

    /// <summary>What was tried; empty where one model was trained.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [];

    /// <summary>Training videos whose labels look wrong, the most certain first.</summary>
    public IReadOnlyList<SuspectVideo> Suspects { get; init; } = [];

    /// <summary>What follows of it, in sentences.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Videos of the same recording in several parts of the data set, the most alike first.</summary>
    public IReadOnlyList<SplitTwin> Twins { get; init; } = [];
}
