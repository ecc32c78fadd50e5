// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>What the parts of a training take, in seconds.</summary>
/// <param name="Step">An optimizer step.</param>
/// <param name="Decoding">To decode a clip, which is done once.</param>
/// <param name="View">The features of one view of a clip, for the head to start from; 0 where no head starts so.</param>
internal readonly record struct TrainingTimes(double Step, double Decoding, double View)
{
    /// <summary>What a training takes before its first step.</summary>
    public double Before(int clips) => clips * (Decoding + (HeadStart.ViewsOf(clips) * View));
}

/// <summary>How the time for a transformer is used: the same training for some folds, and for all rows.</summary>
/// <param name="Epochs">The epochs of each training.</param>
/// <param name="Folds">The folds that are scored.</param>
/// <param name="Steps">The optimizer steps of each training.</param>
internal readonly record struct TrainingPlan(int Epochs, int Folds, int Steps)
{
    /// <summary>A transformer of fewer steps is not worth a trial.</summary>
    public const int FewestSteps = 100;

    // A fold of this many rows is enough to compare candidates by.
    private const int EnoughRows = 50;

    // A part of the time is left for what is not counted: loading, scoring, saving.
    private const double UsableTime = 0.85;

    /// <summary>Plans.</summary>
    /// <param name="times">What the parts of a training take.</param>
    /// <param name="available">How long there is.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="batch">The clips of a step.</param>
    /// <param name="maxSteps">The most steps of a training.</param>
    /// <exception cref="NotEnoughTimeException">There is not enough time.</exception>
    public static TrainingPlan Make(TrainingTimes times, TimeSpan available, int rows, int folds, int batch, int maxSteps)
    {
        int scored = rows / folds >= EnoughRows ? 1 : Math.Min(2, folds);
        double each = (available.TotalSeconds * UsableTime / (scored + 1)) - times.Before(rows);
        int fitting = (int)Math.Min(maxSteps, each / times.Step);
        if (fitting < FewestSteps)
        {
            double needed = (scored + 1) * ((FewestSteps * times.Step) + times.Before(rows)) / UsableTime;
            throw new NotEnoughTimeException(string.Create(CultureInfo.InvariantCulture,
                $"It needs about {needed:0} s for {FewestSteps} steps in {scored} folds and on all videos, and {available.TotalSeconds:0} s " +
                $"are left. Give more time."));
        }

        int perEpoch = (rows + batch - 1) / batch, epochs = Math.Max(1, fitting / perEpoch);
        return new TrainingPlan(epochs, scored, epochs * perEpoch);
    }
}

/// <summary>A candidate is not begun, since it would not come to an end.</summary>
internal sealed class NotEnoughTimeException(string message) : Exception(message);

/// <summary>
/// Takes the time of the views that a head starts from, by what a run reports. The first view decodes, so that it does not count where
/// there are others.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class HeadStartClock(TimeProvider time)
{
    private long _last;
    private int _done, _clips;
    private double _seconds;
    private bool _isLaterView;

    /// <summary>The seconds of a view of a clip; 0 where the run computes none.</summary>
    public double SecondsPerView => _clips == 0 ? 0 : _seconds / _clips;

    /// <summary>Gets what the run reports.</summary>
    public void Report(VideoMaeProgress progress)
    {
        if (progress.Stage != VideoMaeStage.Features)
            return;
        long now = time.GetTimestamp();
        if (progress.Done <= _done)
        {
            if (!_isLaterView)
                (_isLaterView, _seconds, _clips) = (true, 0, 0);
            _done = 0;
        }

        // What the first report tells of was not seen to begin.
        if (_last != 0)
            (_seconds, _clips) = (_seconds + time.GetElapsedTime(_last, now).TotalSeconds, _clips + progress.Done - _done);
        (_last, _done) = (now, progress.Done);
    }
}
