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

/// <summary>Forward, backward and update of pre-training.</summary>
internal sealed class PretrainingStepper : IStepper
{
    private readonly PreTrainingModel _model;
    private readonly PretrainingRecipe _recipe;
    private int _pending;

    public PretrainingStepper(PreTrainingModel model, PretrainingRecipe recipe)
    {
        _model = model;
        _recipe = recipe;
        Groups = ParameterGroups.Create(model.Network.named_parameters().Select(p => (p.name, p.parameter)), model.Config.NumHiddenLayers, recipe.LayerDecay);
        Optimizer = new FusedAdamW(Groups, beta2: recipe.Beta2);
    }

    /// <inheritdoc/>
    public ParameterGroups Groups { get; }

    /// <inheritdoc/>
    public FusedAdamW Optimizer { get; }

    /// <inheritdoc/>
    public int Step { get; set; }

    /// <inheritdoc/>
    public StepResult Run(ClipBatch batch, int batches)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_pending == 0)
            Optimizer.ZeroGrad();
        ulong seed = _recipe.Streams.Derive(RandomStreams.Purpose.Masking, Step, _pending);
        Tensor hidden = _model.Masks.Draw(batch.Count, seed);                                                                   // [B, N]
        double leftOut = _recipe.Options.DecoderMaskRatio;
        Tensor? decoded = leftOut > 0 ? _model.Masks.DrawDecoded(batch.Count, leftOut, seed) : null;
        Tensor loss = _model.Network.forward(_model.ToTensor(batch.PixelValues, batch.Count), hidden, decoded).Loss!;
        double value = loss.cpu().item<float>();
        if (!double.IsFinite(value))
        {
            _model.Network.DiscardCheckpoints();
            return new StepResult(value, null, null);
        }

        _model.Network.Backward(batches == 1 ? loss : loss.Over(batches));
        _pending++;
        return new StepResult(value, null, _pending < batches ? null : Update());
    }

    /// <inheritdoc/>
    public void Discard() => _pending = 0;

    /// <inheritdoc/>
    public void Dispose() => Optimizer.Dispose();

    private double Update()
    {
        _pending = 0;
        double norm = nn.utils.clip_grad_norm_(Groups.Parameters, _recipe.LargestNorm);
        if (!double.IsFinite(norm))
            return norm;
        Optimizer.Step(_recipe.Schedule[Step], _recipe.WeightDecay(Step));
        Step++;
        return norm;
    }
}
