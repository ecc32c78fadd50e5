// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Diagnostics;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Adds up an epoch, and the time that the model takes of it.</summary>
/// <param name="start">What was added up before, in a run that goes on.</param>
internal sealed class EpochProgress(EpochSums start)
{
    private readonly double _earlierSeconds = start.Seconds;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _batchStart;

    /// <summary>The sums so far.</summary>
    public EpochSums Sums { get; private set; } = start;

    /// <summary>The model starts on a batch.</summary>
    public void BatchStarts() => _batchStart = Stopwatch.GetTimestamp();

    /// <summary>The model is done with a batch.</summary>
    public void BatchEnds(StepResult result, int clips) => Sums = new EpochSums(
        Sums.Loss + result.Loss * clips,
        Sums.Correct + result.Correct,
        Sums.Clips + clips,
        _earlierSeconds + Stopwatch.GetElapsedTime(_start).TotalSeconds,
        Sums.ComputingSeconds + Stopwatch.GetElapsedTime(_batchStart).TotalSeconds);
}
