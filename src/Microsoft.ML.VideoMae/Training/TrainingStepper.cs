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
    private readonly Replicas _replicas;
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
        _replicas = new Replicas(network, Groups.Named);
        Optimizer = new FusedAdamW(Groups, beta2: recipe.Beta2);
        Average = recipe.AverageDecay > 0 ? new WeightCopy(Groups.Named) : null;
    }

    /// <summary>
    /// Prepares a batch. Gives what computes the loss of a piece of it by the network, or by one of its replicas, and counts correct clips
    /// where there is right and wrong. Several threads may call what it gives at the same time.
    /// </summary>
    /// <param name="batch">The clips.</param>
    /// <param name="step">The steps done before.</param>
    /// <param name="part">Which batch of its step it is, from 0. All that is random depends on these two, and not on the pieces.</param>
    public delegate Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part);

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
    /// The most clips that are in the model at once. A larger batch goes in pieces, whose gradients add up to those of the whole, up to
    /// rounding.
    /// </summary>
    public int ClipsAtOnce { get; set; } = int.MaxValue;

    /// <summary>
    /// Whether threads share a batch, each with pieces of its own, where the model is small enough. Processes that exchange gradients do
    /// not share theirs among threads: gradients travel while the last piece is computed.
    /// </summary>
    public bool SharesBatches { get; set; }

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
        _replicas.Dispose();
        Optimizer.Dispose();
        Average?.Dispose();
    }

    /// <summary>Adds this process's share to the gradients, unless its loss is not finite; gives what it adds to the batch's loss.</summary>
    private (double Loss, long? Correct) ForwardAndBack(ClipBatch batch, int batches, bool isLast)
    {
        Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> forward = _forward(batch, Step, _pending);
        int threads = SharesBatches && _recipe.Group.IsAlone
            ? Math.Min(_replicas.MostThreads, LayerSize.Threads(batch.Count, ClipsAtOnce)) : 1;
        ClipBatch[] pieces = [.. batch.Pieces(LayerSize.Pieces(batch.Count, ClipsAtOnce, threads))];
        var results = new (double Loss, long? Correct)[pieces.Length];
        if (threads == 1)
            RunPieces(_network, 0, 1);
        else
            _replicas.Run(threads, (thread, network) => RunPieces(network, thread, threads));
        return (results.Sum(r => r.Loss), results[0].Correct is null ? null : results.Sum(r => r.Correct));

        // Every so many-th piece, until there is a loss that is no number.
        void RunPieces(VideoMaePreTrainedModel network, int first, int step)
        {
            for (int i = first; i < pieces.Length && (i < step || double.IsFinite(results[i - step].Loss)); i += step)
            {
                // Gradients may travel when the last piece has added to them.
                network.BlockCompleted = isLast && i == pieces.Length - 1 && ExchangesEarly ? _exchange.BlockCompleted : null;
                results[i] = ForwardAndBack(network, forward, pieces[i], batches);
            }
        }
    }

    private static (double Loss, long? Correct) ForwardAndBack(
        VideoMaePreTrainedModel network, Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> forward, ClipBatch batch, int batches)
    {
        using DisposeScope scope = NewDisposeScope();
        network.BatchRows = batch.Share is { } rows ? (rows.Total, rows.Rows) : null;
        BatchLoss result = forward(network, batch);
        double value = result.Loss.cpu().item<float>(), share = result.Share * batch.Part;
        if (!double.IsFinite(value))
            network.ForgetForward();
        else if (share != 1)
            network.Backward(result.Loss.Times(share / batches));
        else
            network.Backward(batches == 1 ? result.Loss : result.Loss.Over(batches));
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
