// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML;
using VideoMaeCli.Scoring;
using VideoMaeCli.Training;

namespace VideoMaeCli.Report;

/// <summary>Makes report.html of a run.</summary>
/// <param name="ml">Reads the data sets.</param>
internal sealed class ReportMaker(MLContext ml)
{
    private const int ExamplesPerClass = 3;
    private const int ClassesWithExamples = 20;
    private const int MostPictures = 120;
    private const int PicturesPerCell = 4;
    private const int Mistakes = 24;
    private const int TopClasses = 5;
    private const int MostSuspects = 40;
    private const int MostTwins = 20;

    /// <summary>The page, complete in itself.</summary>
    public string Make(TrainSettings settings, TrainResult result)
    {
        VideoInput[] training = Rows(result.Sets.Train), validation = Rows(result.Sets.Validation), test = Rows(result.Sets.Test);
        bool isOfNumbers = settings.Task == VideoTask.Regression;
        var quality = result.Quality as ClassifierQuality;
        string[] classes = isOfNumbers ? [] : quality?.Classes ?? [.. training.Select(r => r.Label).Distinct()];
        ReportSet SetOf(string name, VideoInput[] rows) => new(name, [.. classes.Select(c => rows.Count(r => r.Label == c))]);
        (string Name, VideoInput[] Rows)[] sets = [("training", training), ("validation", validation), ("test", test)];
        sets = [.. sets.Where(s => s.Rows.Length > 0)];
        var data = new ReportData
        {
            Name = settings.Name,
            Created = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            WasStopped = result.WasStopped,
            Task = VideoTasks.NameOf(settings.Task),
            Notes = result.Notes,
            Settings = RunFacts.Settings(settings, result),
            AllSettings = RunFacts.AllSettings(result),
            Model = RunFacts.Model(result),
            Speed = RunFacts.Speed(result, settings),
            Classes = classes,
            Sets = [.. sets.Select(s => SetOf(s.Name, s.Rows))],
            Skipped = result.Card?.SkippedClips ?? 0,
            Examples = Examples(training, classes),
            Trials = result.Trials,
            Suspects = Suspects(result.Suspects, classes),
            Twins = Twins(result.Twins, classes),
            TwinCount = result.Twins.Count,
            Findings = result.Findings,
            Epochs = result.Epochs,
            Quality = quality is null ? null : QualityOf(quality, result.MeasuredOn),
            Numbers = isOfNumbers ? ReportNumbers.Of(sets, result.Quality as NumberQuality, result.MeasuredOn) : null,
            Code = UsageCode.Write(settings.Name, settings.Task),
        };
        return ReportPage.Render(data);
    }

    private VideoInput[] Rows(IDataView? data) => data is null
        ? []
        : [.. ml.Data.CreateEnumerable<VideoInput>(data, reuseRowObject: false, ignoreMissingColumns: true)];

    private static ReportClip[] Suspects(IReadOnlyList<SuspectVideo> suspects, string[] classes)
    {
        SuspectVideo[] shown = [.. suspects.Take(MostSuspects)];
        return [.. shown.Zip(ClipStrip.MakeMany(shown.Select(s => s.Path)), (s, strip) =>
        {
            int label = Array.IndexOf(classes, s.Label), suggested = Array.IndexOf(classes, s.Suggested);
            ClassScore[] top = [new(suggested, Math.Round(s.SuggestedProbability, 4)), new(label, Math.Round(s.LabelProbability, 4))];
            return new ReportClip(s.Path, label, suggested, top, strip);
        })];
    }

    private static ReportTwins[] Twins(IReadOnlyList<SplitTwin> twins, string[] classes)
    {
        SplitTwin[] shown = [.. twins.Take(MostTwins)];
        ClipStrip?[] strips = ClipStrip.MakeMany(shown.SelectMany(t => (string[])[t.First, t.Second]));
        ReportClip Clip(string path, string label, ClipStrip? strip) => new(path, Array.IndexOf(classes, label), null, null, strip);
        return [.. shown.Select((t, i) => new ReportTwins(
            Clip(t.First, t.Labels[0], strips[2 * i]), Clip(t.Second, t.Labels[1], strips[(2 * i) + 1]), t.Parts, t.Similarity,
            t.IsMirrored, t.Shift))];
    }

    private static ReportClip[] Examples(VideoInput[] rows, string[] classes)
    {
        VideoInput[] shown = [.. classes.Take(ClassesWithExamples).SelectMany(c => Spread(rows.Where(r => r.Label == c).ToArray()))];
        ClipStrip?[] strips = ClipStrip.MakeMany(shown.Select(r => r.VideoPath));
        return [.. shown.Zip(strips, (row, strip) => new ReportClip(row.VideoPath, Array.IndexOf(classes, row.Label), null, null, strip))];
    }

    /// <summary>A few from start, middle and end: neighbours in a folder are often alike.</summary>
    private static IEnumerable<VideoInput> Spread(VideoInput[] rows)
    {
        int count = Math.Min(ExamplesPerClass, rows.Length);
        return Enumerable.Range(0, count).Select(i => rows[i * (rows.Length - 1) / Math.Max(1, count - 1)]);
    }

    private static ReportQuality QualityOf(ClassifierQuality quality, string set)
    {
        ScoredVideo[] videos = [.. quality.Scored.Videos.OrderByDescending(v => v.Confidence)];
        HashSet<ScoredVideo> pictured = Pictured(videos);
        ScoredVideo[] drawn = [.. pictured];
        Dictionary<ScoredVideo, ClipStrip?> strips = drawn.Zip(ClipStrip.MakeMany(drawn.Select(v => v.Path)))
            .ToDictionary(p => p.First, p => p.Second);
        (double low, double high) = Interval(videos.Count(v => v.Predicted == v.Label), videos.Length);
        return new ReportQuality
        {
            Set = set,
            Accuracy = quality.Metrics.MicroAccuracy,
            Interval = [low, high],
            MacroAccuracy = quality.Metrics.MacroAccuracy,
            LogLoss = quality.Metrics.LogLoss,
            CalibrationError = quality.CalibrationError,
            AreaUnderRocCurve = quality.Answers?.AreaUnderRocCurve,
            Precision = [.. quality.Metrics.ConfusionMatrix.PerClassPrecision.Select(Json.Finite)],
            Recall = [.. quality.Metrics.ConfusionMatrix.PerClassRecall.Select(Json.Finite)],
            Confusion = quality.Confusion,
            Calibration = quality.Calibration(),
            Clips = [.. videos.Select(v => new ReportClip(v.Path, v.Label, v.Predicted, Top(v), strips.GetValueOrDefault(v)))],
            Unreadable = [.. quality.Scored.Unreadable.Select(e => e.Message)],
        };
    }

    /// <summary>The mistakes that the model was surest of, and a few of every cell of the confusion table.</summary>
    private static HashSet<ScoredVideo> Pictured(ScoredVideo[] videos) =>
    [
        .. videos.Where(v => v.Predicted != v.Label).Take(Mistakes)
            .Concat(videos.GroupBy(v => (v.Label, v.Predicted)).OrderBy(g => g.Key.Label == g.Key.Predicted)
                .SelectMany(g => g.Take(PicturesPerCell)))
            .Distinct().Take(MostPictures),
    ];

    private static ClassScore[] Top(ScoredVideo video) =>
        [.. video.Scores.Select((p, c) => new ClassScore(c, Math.Round(p, 4))).OrderByDescending(s => s.Probability).Take(TopClasses)];

    /// <summary>Wilson's score interval of a share.</summary>
    private static (double Low, double High) Interval(int right, int count)
    {
        const double Z = 1.96; // 95 %
        double share = (double)right / count, middle = share + Z * Z / (2 * count);
        double half = Z * Math.Sqrt(share * (1 - share) / count + Z * Z / (4.0 * count * count));
        return ((middle - half) / (1 + Z * Z / count), (middle + half) / (1 + Z * Z / count));
    }
}
