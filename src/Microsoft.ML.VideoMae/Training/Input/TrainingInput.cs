// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a run feeds to the part of a model that it trains: clips to the whole model, or kept features to its head.</summary>
/// <param name="data">The clips.</param>
/// <param name="model">The model.</param>
/// <param name="recipe">The recipe of the run.</param>
internal abstract class TrainingInput(TrainingData data, ClassificationModel model, FineTuningRecipe recipe) : IDisposable
{
    /// <summary>The clips.</summary>
    public TrainingData Data => data;

    /// <summary>The height and width of the frames in a batch; null where it holds features.</summary>
    public abstract (int Height, int Width)? Frame { get; }

    protected ClassificationModel Model => model;

    protected FineTuningRecipe Recipe => recipe;

    /// <summary>Reads training clips.</summary>
    /// <inheritdoc cref="ClipReader.Read"/>
    public abstract BatchLoader Read(int epoch, IReadOnlyList<int> order, int first);

    /// <summary>Reads validation clips in order.</summary>
    public abstract BatchLoader ReadValidation(int[] clips);

    /// <summary>The model's outputs, [B, K].</summary>
    public Tensor Forward(ClipBatch batch) => Forward(model.Network, batch);

    /// <summary>The outputs of a network, [B, K].</summary>
    /// <param name="network">The model's, or a replica.</param>
    /// <param name="batch">The clips.</param>
    public abstract Tensor Forward(VideoMaeForVideoClassification network, ClipBatch batch);

    /// <summary>Switches dropout and stochastic depth on or off.</summary>
    public void SetTraining(bool training) => model.Network.train(training);

    /// <summary>Tells whoever listens how far a part of the run is.</summary>
    public void Report(VideoMaeProgress progress) => recipe.Options.ProgressCallback?.Invoke(progress);

    /// <summary>Called once, with the final weights in place.</summary>
    public virtual void Finish()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Clips for the whole model.</summary>
/// <inheritdoc/>
internal sealed class ClipInput(TrainingData data, ClassificationModel model, FineTuningRecipe recipe) : TrainingInput(data, model, recipe)
{
    private readonly ClipReader _reader = new(data, model, recipe);

    public override (int Height, int Width)? Frame => (Model.Config.ImageSize.Height, Model.Config.ImageSize.Width);

    public override BatchLoader Read(int epoch, IReadOnlyList<int> order, int first) => _reader.Read(epoch, order, first);

    public override BatchLoader ReadValidation(int[] clips) => _reader.ReadValidation(clips);

    public override Tensor Forward(VideoMaeForVideoClassification network, ClipBatch batch) =>
        network.forward(Model.ToTensor(batch.PixelValues, batch.Count)).Logits;
}
