// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Trains the head on features of the encoder as it is, before all weights are trained. A head of random weights would send random
/// gradients through an encoder that knows something.
/// </summary>
/// <remarks>Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", 2022 (LP-FT).</remarks>
/// <param name="channel">Gets what came out.</param>
/// <param name="data">The clips.</param>
/// <param name="model">The model.</param>
/// <param name="recipe">The recipe of the run.</param>
internal sealed class HeadStart(IChannel channel, TrainingData data, ClassificationModel model, FineTuningRecipe recipe)
{
    /// <summary>Steps over all clips at once; the loss of a linear model has no local minima.</summary>
    private const int Steps = 300;

    private const double LearningRate = 0.03;

    /// <summary>
    /// The factor of half the sum of the squares of the weights, beside the mean loss. It is strong: training shows other views of the
    /// clips, of which a head with large weights is wrong for sure.
    /// </summary>
    private const double L2 = 0.3;

    /// <summary>Trains the head.</summary>
    /// <param name="task">What the model is trained for.</param>
    /// <param name="folder">Where features are kept for later runs too; null for temporary files.</param>
    public void Fit(TrainingTask task, string? folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using FeatureInput input = new FeatureExtraction(channel, data, model, recipe, pooled: true).Run(folder, withValidation: false);
        int[] clips = EpochOrder.Create(data.Training, data.Skipped.Remaining(), recipe, epoch: 0);
        Tensor features = input.Standardized(clips); // [n, D]
        Random random = recipe.Streams.Create(RandomStreams.Purpose.Mixing);
        (float[] values, int perClip) = task.Prepare([], rows: null, data.Targets(clips), frame: null, random);
        Tensor targets = tensor(values, [clips.Length, perClip], device: model.Device); // [n, K] or [n, 1]
        double loss = Minimize(features, targets, task);
        input.Finish();
        channel.Info(FormattableString.Invariant($"The head starts from a linear model on the encoder's features: loss {loss:0.000}, ") +
            FormattableString.Invariant($"on {clips.Length} training clips. Then all weights are trained."));
    }

    private double Minimize(Tensor features, Tensor targets, TrainingTask task)
    {
        Parameter weight = model.Network.Head.Weight, bias = model.Network.Head.Bias!; // [K, D], [K]
        using (no_grad())
        {
            weight.zero_();
            bias.zero_();
        }

        using optim.Optimizer optimizer = optim.Adam([weight, bias], LearningRate);
        double loss = 0;
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            recipe.CancellationToken.ThrowIfCancellationRequested();
            foreach (ParamGroup group in optimizer.ParamGroups)
                group.LearningRate = LearningRate * (1 + Math.Cos(Math.PI * step / Steps)) / 2;
            optimizer.zero_grad();
            Tensor clipLoss = task.Loss(nn.functional.linear(features, weight, bias), targets);
            (clipLoss + weight.square().sum() * (L2 / 2)).backward();
            optimizer.step();
            loss = step == Steps - 1 ? clipLoss.item<float>() : 0;
        }

        optimizer.zero_grad();
        return loss;
    }
}
