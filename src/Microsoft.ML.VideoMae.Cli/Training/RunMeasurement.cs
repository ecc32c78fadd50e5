// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Training;

/// <summary>Measures the model of a run.</summary>
/// <param name="ml">The context.</param>
/// <param name="display">Shows how it goes.</param>
internal sealed class RunMeasurement(MLContext ml, IRunDisplay display)
{
    /// <summary>Whatever is wrong with the videos to measure on, the model is there, and so is its report.</summary>
    public (ModelQuality? Quality, string? Failure) Measure(ITransformer model, string zip, VideoSets sets)
    {
        (IDataView? data, string name) = sets.Measured;
        if (data is null)
            return (null, null);
        try
        {
            // A second Ctrl+C ends the program, so this is not stopped by the first one: the model is there, and is measured.
            return (new VideoScorer(ml, model, zip).Measure(data, (done, count) => display.Scoring(name, done, count)), null);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException or VideoReadException)
        {
            string failure = $"The {name} videos could not be measured. {e.Message}";
            display.Note($"Warning: {failure}");
            return (null, failure);
        }
    }

    /// <summary>How good a model is by the scores of models like it, each for videos that it was not trained on.</summary>
    public ModelQuality OutOfFold(
        ITransformer model, string zip, VideoSets sets, VideoExperimentRunDetail detail, TimeSpan elapsed)
    {
        var scorer = new VideoScorer(ml, model, zip);
        PartRow[] scored = [.. Rows(sets)
            .Zip(detail.OutOfFoldScores, (row, scores) => scores is null ? null
                : new PartRow(0, row.VideoPath, scores, null) { Label = row.Label })
            .OfType<PartRow>()];
        return ModelQuality.Of(ml, scorer.Task, scorer.Classes, scored, [], elapsed);
    }

    /// <summary>Training videos whose labels look wrong.</summary>
    public SuspectVideo[] Suspects(VideoSets sets, VideoExperimentResult found)
    {
        VideoInput[] rows = Rows(sets);
        return [.. found.SuspectLabels.Select(s => new SuspectVideo(
            rows[s.Row].VideoPath, s.Label, s.Suggested, s.LabelProbability, s.SuggestedProbability))];
    }

    /// <summary>The training videos. A row without a label is not in an experiment.</summary>
    private VideoInput[] Rows(VideoSets sets) =>
        [.. ml.Data.CreateEnumerable<VideoInput>(sets.Train, reuseRowObject: false, ignoreMissingColumns: true)
            .Where(row => row.Label.Length > 0)];
}
