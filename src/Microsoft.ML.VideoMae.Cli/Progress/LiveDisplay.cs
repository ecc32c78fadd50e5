// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using Microsoft.ML.VideoMae;
using Spectre.Console;

namespace VideoMaeCli.Progress;

/// <summary>Bars on a terminal: decoding, the steps of all epochs, validation, and the scoring at the end.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _bars = [];
    private ProgressContext? _context;
    private string _lastEpoch = "";

    public T Show<T>(Func<T> work) => AnsiConsole.Progress()
        .AutoClear(false)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn())
        .Start(context =>
        {
            _context = context;
            try
            {
                return work();
            }
            finally
            {
                foreach (ProgressTask bar in _bars.Values)
                    bar.StopTask();
                _context = null;
            }
        });

    public void Note(string text)
    {
        if (_context is null)
            Console.Error.WriteLine(text);
        else
            AnsiConsole.WriteLine(text); // Above the bars.
    }

    public void Step(VideoMaeStepMetrics metrics) => Set("steps", metrics.Step, metrics.NumberOfSteps,
        string.Create(CultureInfo.InvariantCulture,
            $"Epoch {metrics.Epoch}: loss {metrics.Loss:0.000}, {metrics.ClipsPerSecond:0.0} clips/s{_lastEpoch}"));

    public void Epoch(VideoMaeMetrics metrics)
    {
        string validation = metrics.ValidationAccuracy is double v
            ? string.Create(CultureInfo.InvariantCulture, $", on validation videos {v:0.000}")
            : "";
        _lastEpoch = string.Create(CultureInfo.InvariantCulture, $", accuracy {metrics.Accuracy:0.000}{validation}");
    }

    public void Epoch(VideoMaePretrainingMetrics metrics) =>
        _lastEpoch = string.Create(CultureInfo.InvariantCulture,
            $", in epoch {metrics.Epoch} of {metrics.NumberOfEpochs} {metrics.Loss:0.000}");

    public void Progress(VideoMaeProgress progress) => Set(progress.Stage.ToString(), progress.Done, progress.Count, progress.Stage switch
    {
        VideoMaeStage.Decoding => "Decoding the training videos",
        VideoMaeStage.Features => "Computing features",
        _ => "Validation",
    });

    public void Trial(VideoExperimentProgress progress) => Set(
        $"{progress.Candidate.Name} {progress.Stage}", progress.Done, progress.Count,
        $"{progress.Candidate.Name}: {PlainDisplay.Describe(progress.Stage)}");

    public void Scoring(string what, int done, int count) => Set(what, done, count, $"Scoring {what} videos");

    public void Windows(string video, int done, int count) => Set(video, done, count, video);

    private void Set(string name, double value, double maximum, string description)
    {
        lock (_lock)
        {
            if (_context is null)
                return;
            description = Markup.Escape(description);
            // Validation starts anew in every epoch: a bar that ended makes place for another.
            if (!_bars.TryGetValue(name, out ProgressTask? bar) || (bar.IsFinished && value < maximum))
            {
                ProgressTask next = bar is null
                    ? _context.AddTask(description, autoStart: true, maxValue: maximum)
                    : _context.AddTaskAfter(description, bar, autoStart: true, maxValue: maximum);
                if (bar is not null)
                    _context.RemoveTask(bar);
                _bars[name] = bar = next;
            }

            bar.MaxValue = maximum;
            bar.Description = description;
            bar.Value = value;
        }
    }
}
