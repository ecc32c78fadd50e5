// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;
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
    /// <param name="group">The processes that share the clips out; all get the result that the first one measures.</param>
    /// <exception cref="InvalidOperationException">Too many clips cannot be read.</exception>
    public static ValidationResult Run(TrainingInput input, TrainingTask task, IChannel channel, ProcessGroup group)
    {
        input.SetTraining(false);
        var outputs = new List<(int Index, float[] Values)>();
        int[] own = SharedRows.Own(group, input.Data.SkippedValidation.Remaining());
        int done = 0, count = own.Length;
        using BatchLoader loader = input.ReadValidation(own);
        foreach (ClipBatch batch in loader.Read())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            float[] logits = input.Forward(batch).cpu().data<float>().ToArray(); // [B, K]
            outputs.AddRange(batch.Indices.Zip(logits.Chunk(logits.Length / batch.Count)));
            input.Report(new VideoMaeProgress(VideoMaeStage.Validation, done += batch.Count, count));
        }

        input.Data.SkippedValidation.Share(group);
        input.Data.SkippedValidation.Report(channel);
        IReadOnlyList<(int Index, float[] Values)> all = SharedRows.Gather(group, outputs);
        ValidationResult result = task.Measure(
            [.. all.Select(row => row.Values)], [.. all.Select(row => input.Data.Validation[row.Index].Target)]);
        // What is best is decided once: processors of several kinds may round in several ways.
        return group.IsAlone ? result : JsonSerializer.Deserialize<ValidationResult>(group.Broadcast(JsonSerializer.Serialize(result)))!;
    }
}
