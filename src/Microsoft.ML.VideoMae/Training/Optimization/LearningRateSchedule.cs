// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// The learning rate of every optimizer step: a linear warm-up, then half a cosine (<c>cosine_scheduler</c> in the utils.py of
/// the original VideoMAE).
/// </summary>
/// <remarks>
/// The warm-up includes both of its ends, so that the peak appears at its last step and again at the first step of the cosine,
/// as in the original. A warm-up longer than the whole run is cut to the run, where the original stops with an assertion.
/// </remarks>
internal sealed class LearningRateSchedule
{
    private readonly double _start;
    private readonly double _peak;
    private readonly double _final;
    private readonly int _warmupSteps;

    /// <param name="start">The rate of the first warm-up step.</param>
    /// <param name="peak">The rate at the end of the warm-up.</param>
    /// <param name="final">The rate that the cosine ends at.</param>
    /// <param name="warmupSteps">The number of warm-up steps.</param>
    /// <param name="totalSteps">The number of steps in the whole run.</param>
    public LearningRateSchedule(double start, double peak, double final, int warmupSteps, int totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalSteps);
        _start = start;
        _peak = peak;
        _final = final;
        _warmupSteps = Math.Min(warmupSteps, totalSteps);
        TotalSteps = totalSteps;
    }

    /// <summary>The number of steps in the whole run.</summary>
    public int TotalSteps { get; }

    /// <summary>The learning rate of a step, counted from 0 over the whole run.</summary>
    public double this[int step]
    {
        get
        {
            if (step < _warmupSteps)
                return _warmupSteps == 1 ? _start : _start + (_peak - _start) * step / (_warmupSteps - 1);
            double progress = (double)(step - _warmupSteps) / Math.Max(1, TotalSteps - _warmupSteps);
            return _final + 0.5 * (_peak - _final) * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
        }
    }
}
