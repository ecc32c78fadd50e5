// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae;

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

    /// <summary>Videos are scored.</summary>
    void Scoring(string what, int done, int count);
}
