// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Progress;

/// <summary>A line for each epoch, for logs and pipes; none where the user wants it quiet.</summary>
/// <param name="saysEpochs">Whether epochs are said.</param>
internal sealed class PlainDisplay(bool saysEpochs) : IRunDisplay
{
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

    public void Scoring(string what, int done, int count)
    {
        if (done == count)
            Say($"Scored {count} {what} videos.");
    }

    private void Say(object line)
    {
        if (saysEpochs)
            Console.WriteLine(line);
    }
}
