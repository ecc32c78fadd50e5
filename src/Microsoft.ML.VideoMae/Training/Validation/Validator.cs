// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Measures a model on all validation clips, as the trained model will score them, each counted once whatever the batch size.
/// </summary>
internal static class Validator
{
    /// <param name="input">The clips and the model.</param>
    /// <param name="task">What is measured.</param>
    /// <param name="channel">Gets a warning where clips cannot be read.</param>
    /// <exception cref="InvalidOperationException">Too many clips cannot be read.</exception>
    public static ValidationResult Run(TrainingInput input, TrainingTask task, IChannel channel)
    {
        input.SetTraining(false);
        var outputs = new List<float[]>();
        var targets = new List<float>();
        int done = 0, count = input.Data.SkippedValidation.Remaining().Length;
        using BatchLoader loader = input.ReadValidation();
        foreach (ClipBatch batch in loader.Read())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            float[] logits = input.Forward(batch).cpu().data<float>().ToArray(); // [B, K]
            outputs.AddRange(logits.Chunk(logits.Length / batch.Count));
            targets.AddRange(batch.Indices.Select(i => input.Data.Validation[i].Target));
            input.Report(new VideoMaeProgress(VideoMaeStage.Validation, done += batch.Count, count));
        }

        input.Data.SkippedValidation.Report(channel);
        return task.Measure(outputs, targets);
    }
}
