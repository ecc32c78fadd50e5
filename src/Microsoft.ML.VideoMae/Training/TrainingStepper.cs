// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Forward, backward and update: one optimizer step for every few batches.</summary>
internal sealed class TrainingStepper : IDisposable
{
    private readonly VideoMaePreTrainedModel _network;
    private readonly TrainingRecipe _recipe;
    private readonly Forward _forward;
    private readonly GradientExchange _exchange;
    private int _pending;

    /// <param name="network">What is trained, as far as its parameters want gradients.</param>
    /// <param name="recipe">The recipe of the run.</param>
    /// <param name="forward">Gives the losses of a batch.</param>
    public TrainingStepper(VideoMaePreTrainedModel network, TrainingRecipe recipe, Forward forward)
    {
        _network = network;
        _recipe = recipe;
        _forward = forward;
        Groups = ParameterGroups.Create(
            network.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter)),
            network.Config.NumHiddenLayers, recipe.LayerDecay);
        network.RecomputesAttention = true;
        _exchange = new GradientExchange(recipe, Groups.Parameters, network);
        TensorBroadcast.Run(recipe.Group, network.parameters());
        Optimizer = new FusedAdamW(Groups, beta2: recipe.Beta2);
        Average = recipe.AverageDecay > 0 ? new WeightCopy(Groups.Named) : null;
    }

    /// <summary>
    /// Prepares a batch. Gives what computes the loss of a piece of it, and counts correct clips where there is right and wrong.
    /// </summary>
    /// <param name="batch">The clips.</param>
    /// <param name="step">The steps done before.</param>
    /// <param name="part">Which batch of its step it is, from 0. All that is random depends on these two, and not on the pieces.</param>
    public delegate Func<ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part);

    /// <summary>What is trained.</summary>
    public ParameterGroups Groups { get; }

    /// <summary>What changes it.</summary>
    public FusedAdamW Optimizer { get; }

    /// <summary>The moving average of the weights; null without one.</summary>
    public WeightCopy? Average { get; }

    /// <summary>Whether gradients travel while others are computed, and not only after that. It does not change them.</summary>
    public bool ExchangesEarly { get; set; } = true;

    /// <inheritdoc cref="GradientExchange.Starts"/>
    public (int Early, int All) ExchangeStarts => _exchange.Starts;

    /// <summary>
    /// The most clips that go through the model together. A larger batch goes in pieces, whose gradients add up to those of the whole, up to
    /// rounding.
    /// </summary>
    public int ClipsAtOnce { get; set; } = int.MaxValue;

    /// <summary>The optimizer steps done.</summary>
    public int Step { get; set; }

    /// <summary>Works on a batch, and makes an optimizer step where it is the last of one.</summary>
    /// <param name="batch">The clips.</param>
    /// <param name="batches">The number of batches in this step.</param>
    public StepResult Run(ClipBatch batch, int batches)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_pending == 0)
            Optimizer.ZeroGrad();
        bool isLast = _pending + 1 >= batches;
        (double own, long? ownCorrect) = batch.Count == 0 ? (0, null) : ForwardAndBack(batch, batches, isLast);
        if (isLast)
            _exchange.StartRest();
        (double loss, long? correct) = _exchange.Sum(own, ownCorrect, batch.Part);
        if (!double.IsFinite(loss))
        {
            _exchange.Drop();
            return new StepResult(loss, correct, null);
        }

        _pending++;
        return new StepResult(loss, correct, _pending < batches ? null : Update());
    }

    /// <summary>Forgets gradients of a step that was not completed.</summary>
    public void Discard() => _pending = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.BlockCompleted = null;
        _network.RecomputesAttention = false;
        Optimizer.Dispose();
        Average?.Dispose();
    }

    /// <summary>Adds this process's share to the gradients, unless its loss is not finite; gives what it adds to the batch's loss.</summary>
    private (double Loss, long? Correct) ForwardAndBack(ClipBatch batch, int batches, bool isLast)
    {
        Func<ClipBatch, BatchLoss> forward = _forward(batch, Step, _pending);
        double loss = 0;
        long? correct = null;
        int left = batch.Count;
        foreach (ClipBatch piece in batch.Pieces(ClipsAtOnce))
        {
            using DisposeScope scope = NewDisposeScope();
            left -= piece.Count;
            // Gradients may travel when the last piece has added to them.
            _network.BlockCompleted = isLast && left == 0 && ExchangesEarly ? _exchange.BlockCompleted : null;
            (double own, long? ownCorrect) = ForwardAndBack(forward, piece, batches);
            (loss, correct) = (loss + own, ownCorrect is null ? correct : (correct ?? 0) + ownCorrect);
            if (!double.IsFinite(loss))
                break;
        }

        return (loss, correct);
    }

    private (double Loss, long? Correct) ForwardAndBack(Func<ClipBatch, BatchLoss> forward, ClipBatch batch, int batches)
    {
        _network.BatchRows = batch.Share is { } rows ? (rows.Total, rows.Rows) : null;
        BatchLoss result = forward(batch);
        double value = result.Loss.cpu().item<float>(), share = result.Share * batch.Part;
        if (!double.IsFinite(value))
            _network.ForgetForward();
        else if (share != 1)
            _network.Backward(result.Loss.Times(share / batches));
        else
            _network.Backward(batches == 1 ? result.Loss : result.Loss.Over(batches));
        return (value * share, result.Correct);
    }

    /// <summary>Clips gradients and changes the weights, unless gradients are not finite; gives their norm.</summary>
    private double Update()
    {
        _pending = 0;
        _exchange.Finish();
        double norm = nn.utils.clip_grad_norm_(Groups.Parameters, _recipe.LargestNorm);
        if (!double.IsFinite(norm))
            return norm;
        Optimizer.Step(_recipe.Schedule[Step], _recipe.WeightDecay(Step));
        Step++;
        Average?.Average(Math.Min(_recipe.AverageDecay, (1.0 + Step) / (10.0 + Step)));
        return norm;
    }
}
