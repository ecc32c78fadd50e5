// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Explanation;

/// <summary>
/// Attention rollout (Abnar and Zuidema, 2020, arXiv:2005.00928): how much of each input token reaches the output, where every block passes
/// on half of what it gets and distributes the other half as its attention, averaged over heads, says.
/// </summary>
internal static class AttentionRollout
{
    /// <summary>Explains what a model makes of one view of a video.</summary>
    /// <param name="model">The model.</param>
    /// <param name="video">The video.</param>
    /// <param name="rank">Gives the scores their names.</param>
    public static VideoMaeExplanation Explain(
        ClassificationModel model, MLVideo video, Func<float[], IReadOnlyList<KeyValuePair<string, float>>> rank)
    {
        float[] pixelValues = model.ReadPixelValues(video, new VideoNotes(), CancellationToken.None); // [T, C, H, W]
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        VideoMaeConfig config = model.Config;
        VideoMaeClassificationOutput output = model.Network.forward(model.ToTensor(pixelValues, 1), outputAttentions: true);
        int frame = model.ClipLength / config.NumFrames;
        byte[][] frames = [.. Enumerable.Range(0, config.NumFrames / config.TubeletSize)
            .Select(t => model.Processor.ToBytes(pixelValues.AsSpan(t * config.TubeletSize * frame, frame)))];
        float[] scores = OutputActivations.Of(config).Apply(output.Logits).cpu().data<float>().ToArray();
        return new VideoMaeExplanation(config, Compute(output.Attentions!), frames, rank(scores));
    }

    /// <summary>The share of every token in the mean over all output tokens.</summary>
    /// <param name="attentions">The attention probabilities of every block, [1, heads, N, N].</param>
    /// <returns>[N], with a sum of 1.</returns>
    public static float[] Compute(IReadOnlyList<Tensor> attentions)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor? rollout = null; // [N, N]; row i is the share of every input token in token i
        foreach (Tensor attention in attentions)
        {
            Tensor heads = attention.squeeze(0).mean([0]); // [N, N]
            Tensor passed = heads.Times(0.5).Plus(eye(heads.shape[0], dtype: heads.dtype, device: heads.device).Times(0.5));
            rollout = rollout is null ? passed : passed.matmul(rollout);
        }

        return rollout!.mean([0]).cpu().data<float>().ToArray();
    }
}
