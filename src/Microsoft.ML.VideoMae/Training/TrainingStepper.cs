// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
using static TorchSharp.torch;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Forward, backward and update: one optimizer step for every few batches.</summary>
internal sealed class TrainingStepper : IStepper
{
    private readonly TrainingInput _input;
    private readonly TrainingTask _task;
    private readonly ClassificationModel _model;
    private readonly FineTuningRecipe _recipe;
    private int _pending;

    public TrainingStepper(TrainingInput input, TrainingTask task, ClassificationModel model, FineTuningRecipe recipe)
    {
        _input = input;
        _task = task;
        _model = model;
        _recipe = recipe;
        Groups = ParameterGroups.Create(input.Parameters, model.Config.NumHiddenLayers, recipe.LayerDecay);
        Optimizer = new FusedAdamW(Groups, beta2: recipe.Beta2);
        Average = recipe.Options.EmaDecay > 0 ? new WeightCopy(Groups.Named) : null;
    }

    /// <inheritdoc/>
    public ParameterGroups Groups { get; }

    /// <inheritdoc/>
    public FusedAdamW Optimizer { get; }

    /// <summary>The moving average of the weights; null without one.</summary>
    public WeightCopy? Average { get; }

    /// <inheritdoc/>
    public int Step { get; set; }

    /// <inheritdoc/>
    public StepResult Run(ClipBatch batch, int batches)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_pending == 0)
            Optimizer.ZeroGrad();
        // Seeds of their own for every batch: there is no state of a generator to save.
        _model.Network.DropoutGenerator.manual_seed((long)_recipe.Streams.Derive(RandomStreams.Purpose.Dropout, Step, _pending));
        Random random = _recipe.Streams.Create(RandomStreams.Purpose.Mixing, Step, _pending);
        int length = batch.PixelValues.Length / batch.Capacity;
        (float[] values, int perClip) = _task.Prepare(
            batch.PixelValues.AsSpan(0, batch.Count * length), _input.Data.Targets(batch.Indices), _input.Frame, random);
        Tensor targets = tensor(values, [batch.Count, perClip], device: _model.Device); // [B, K] or [B, 1]
        Tensor logits = _input.Forward(batch); // [B, K]
        Tensor loss = _task.Loss(logits, targets);
        double value = loss.cpu().item<float>();
        long? correct = _task.Correct(logits.detach(), targets);
        if (!double.IsFinite(value))
        {
            _model.Network.DiscardCheckpoints();
            return new StepResult(value, correct, null);
        }

        _model.Network.Backward(batches == 1 ? loss : loss.Over(batches));
        _pending++;
        return new StepResult(value, correct, _pending < batches ? null : Update());
    }

    /// <inheritdoc/>
    public void Discard() => _pending = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average?.Dispose();
    }

    /// <summary>Clips gradients and changes the weights, unless gradients are not finite; gives their norm.</summary>
    private double Update()
    {
        _pending = 0;
        double norm = nn.utils.clip_grad_norm_(Groups.Parameters, _recipe.LargestNorm);
        if (!double.IsFinite(norm))
            return norm;
        Optimizer.Step(_recipe.Schedule[Step], _recipe.WeightDecay(Step));
        Step++;
        Average?.Average(Math.Min(_recipe.Options.EmaDecay, (1.0 + Step) / (10.0 + Step)));
        return norm;
    }
}
