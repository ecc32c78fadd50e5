// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Spectre.Console;

namespace VideoMaeCli.Progress;

/// <summary>Shows how a run goes.</summary>
internal interface IRunDisplay
{
    /// <summary>Does the work that the other members report on.</summary>
    T Show<T>(Func<T> work);

    /// <summary>A line that stays.</summary>
    void Note(string text);

    /// <summary>An optimizer step was made.</summary>
    void Step(VideoMaeStepMetrics metrics);

    /// <summary>An epoch has ended.</summary>
    void Epoch(VideoMaeMetrics metrics);

    /// <summary>An epoch of pre-training has ended.</summary>
    void Epoch(VideoMaePretrainingMetrics metrics);

    /// <summary>Clips were decoded, validated or turned into features.</summary>
    void Progress(VideoMaeProgress progress);

    /// <summary>A candidate of an experiment is on its way.</summary>
    void Trial(VideoExperimentProgress progress);

    /// <summary>Videos are scored.</summary>
    void Scoring(string what, int done, int count);

    /// <summary>The windows over a long video are scored.</summary>
    void Windows(string video, int done, int count);
}

/// <summary>Chooses how a run is shown.</summary>
internal static class RunDisplay
{
    /// <summary>Whether there is someone who sees bars: output that goes to a file or a pipe gets plain lines.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    public static IRunDisplay Create(Verbosity verbosity) =>
        !ProcessGroup.Current.IsFirst ? new SilentDisplay()
        : IsTerminal && verbosity != Verbosity.Q ? new LiveDisplay()
        : new PlainDisplay(verbosity != Verbosity.Q);
}

/// <summary>Shows nothing: that of a process which works for another.</summary>
internal sealed class SilentDisplay : IRunDisplay
{
    public T Show<T>(Func<T> work) => work();

    public void Note(string text)
    {
    }

    public void Step(VideoMaeStepMetrics metrics)
    {
    }

    public void Epoch(VideoMaeMetrics metrics)
    {
    }

    public void Epoch(VideoMaePretrainingMetrics metrics)
    {
    }

    public void Progress(VideoMaeProgress progress)
    {
    }

    public void Trial(VideoExperimentProgress progress)
    {
    }

    public void Scoring(string what, int done, int count)
    {
    }

    public void Windows(string video, int done, int count)
    {
    }
}

/// <summary>A line for each epoch, for logs and pipes; none where the user wants it quiet.</summary>
/// <param name="saysEpochs">Whether epochs are said.</param>
internal sealed class PlainDisplay(bool saysEpochs) : IRunDisplay
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromMinutes(1);

    private readonly Stopwatch _windows = new();
    private string _windowsOf = "";
    private TimeSpan _nextWindowsLine;

    public T Show<T>(Func<T> work) => work();

    public void Note(string text) => Console.Error.WriteLine(text);

    public void Step(VideoMaeStepMetrics metrics)
    {
    }

    public void Epoch(VideoMaeMetrics metrics) => Say(metrics);

    public void Epoch(VideoMaePretrainingMetrics metrics) => Say(metrics);

    public void Progress(VideoMaeProgress progress)
    {
        if (progress.Done == progress.Count && progress.Stage != VideoMaeStage.Validation)
            Say($"{progress.Stage}: {progress.Count} done.");
    }

    public void Trial(VideoExperimentProgress progress)
    {
        if (progress.Done == progress.Count && progress.Stage is not (VideoExperimentStage.Linear or VideoExperimentStage.Decoding))
            Say($"{progress.Candidate.Name}: {Describe(progress.Stage)}, {progress.Count} done.");
    }

    public void Scoring(string what, int done, int count)
    {
        if (done == count)
            Say($"Scored {count} {what} videos.");
    }

    /// <summary>A line a minute: a recording takes long.</summary>
    public void Windows(string video, int done, int count)
    {
        if (!_windows.IsRunning || video != _windowsOf)
        {
            _windows.Restart();
            (_windowsOf, _nextWindowsLine) = (video, s_betweenLines);
        }

        if (!saysEpochs || _windows.Elapsed < _nextWindowsLine || done == 0)
            return;
        _nextWindowsLine = _windows.Elapsed + s_betweenLines;
        TimeSpan left = _windows.Elapsed * ((double)(count - done) / done);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{video}: {done} of {count} windows, {Math.Ceiling(left.TotalMinutes):0} minutes left."));
    }

    /// <summary>A part of a trial in a few words.</summary>
    public static string Describe(VideoExperimentStage stage) => stage switch
    {
        VideoExperimentStage.Decoding => "decoding",
        VideoExperimentStage.Features => "features",
        VideoExperimentStage.Linear => "linear classifiers",
        VideoExperimentStage.CrossValidation => "training for cross-validation",
        _ => "training on all videos",
    };

    private void Say(object line)
    {
        if (saysEpochs)
            Console.WriteLine(line);
    }
}
