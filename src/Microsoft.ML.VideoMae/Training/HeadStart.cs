// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
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

    /// <summary>Views of each clip, as training shows them: shifted, brighter, darker.</summary>
    private const int Views = 4;

    /// <summary>With many clips, fewer views are enough.</summary>
    private const int EnoughRows = 2000;

    /// <summary>Trains the head.</summary>
    /// <param name="input">Gives the clips; what it keeps of them is there for the epochs that follow.</param>
    /// <param name="task">What the model is trained for.</param>
    public void Fit(TrainingInput input, TrainingTask task)
    {
        using DisposeScope scope = NewDisposeScope();
        int views = ViewsOf(data.Training.Count);
        channel.Info($"Computing the encoder's features of {data.Training.Count} clips, {views} views each, for the head to start from.");
        input.SetTraining(false);
        // Views that no epoch of the run has.
        (int Clip, float[] Features)[] rows =
            [.. Enumerable.Range(recipe.NumberOfEpochs + 1, views).SelectMany(epoch => Read(input, epoch))];
        data.Skipped.Share(recipe.Group);
        data.Skipped.Report(channel);
        int[] clips = [.. rows.Select(row => row.Clip)];
        int width = model.Network.FeatureLength;
        using FeatureScaling scaling = FeatureScaling.Measure(rows.Select(row => row.Features), width, model.Device);
        Tensor features = scaling.Apply(
            tensor(rows.SelectMany(row => row.Features).ToArray(), [clips.Length, width], device: model.Device)); // [n, D]
        Random random = recipe.Streams.Create(RandomStreams.Purpose.Mixing);
        (float[] values, int perClip) = task.Prepare([], rows: null, data.Targets(clips), frame: null, random);
        double loss = Minimize(features, tensor(values, [clips.Length, perClip], device: model.Device), task); // [n, K] or [n, 1]
        scaling.FoldInto(model.Network);
        channel.Info(FormattableString.Invariant(
            $"The head starts from a linear model on these features: loss {loss:0.000}. Now all weights are trained."));
    }

    /// <summary>How many views of each clip are computed.</summary>
    public static int ViewsOf(int clips) => Math.Clamp(EnoughRows / clips, 1, Views);

    /// <summary>The features of the clips of an epoch, [D] each, those of other processes included.</summary>
    private IEnumerable<(int Clip, float[] Features)> Read(TrainingInput input, int epoch)
    {
        int[] order = EpochOrder.Create(data.Training, data.Skipped.Remaining(), recipe, epoch);
        using BatchLoader loader = input.Read(epoch, order, first: 0);
        var agreement = new BatchAgreement(recipe.Split, order, () => recipe.Shared.CancellationToken.IsCancellationRequested);
        foreach (ClipBatch batch in agreement.Agreed(loader.Read()))
        {
            recipe.CancellationToken.ThrowIfCancellationRequested();
            (int, float[])[] own = batch.Count == 0 ? [] : [.. batch.Places.Zip(Encode(batch))];
            // Where a batch has gaps, several processes have the same clips.
            foreach ((int place, float[] features) in SharedRows.Gather(recipe.Group, own).DistinctBy(row => row.Index))
                yield return (order[place], features);
            input.Report(new VideoMaeProgress(VideoMaeStage.Features, batch.End, order.Length));
        }
    }

    private IEnumerable<float[]> Encode(ClipBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor features = model.Network.Features(model.ToTensor(batch.PixelValues, batch.Count)); // [B, D]
        return features.to(ScalarType.Float32).cpu().data<float>().ToArray().Chunk(model.Network.FeatureLength);
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
            clipLoss.Plus(weight.Squared().sum().Times(L2 / 2)).backward();
            optimizer.step();
            loss = step == Steps - 1 ? clipLoss.item<float>() : 0;
        }

        optimizer.zero_grad();
        return loss;
    }
}
