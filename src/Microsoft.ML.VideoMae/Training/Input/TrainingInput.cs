// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a run feeds to the part of a model that it trains: clips to the whole model, or kept features to its head.</summary>
/// <param name="data">The clips.</param>
/// <param name="model">The model.</param>
/// <param name="recipe">The recipe of the run.</param>
internal abstract class TrainingInput(TrainingData data, ClassificationModel model, FineTuningRecipe recipe) : IDisposable
{
    /// <summary>The clips.</summary>
    public TrainingData Data { get; } = data;

    /// <summary>The trained parameters by name.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters =>
        Model.named_parameters().Select(p => (p.name, p.parameter)).Where(p => p.parameter.requires_grad);

    /// <summary>The height and width of the frames in a batch; null where it holds features.</summary>
    public abstract (int Height, int Width)? Frame { get; }

    protected VideoMaeForVideoClassification Model => model.Network;

    protected ClassificationModel Scorer => model;

    protected FineTuningRecipe Recipe => recipe;

    /// <summary>Reads training clips.</summary>
    /// <param name="epoch">The epoch, which decides how clips are augmented.</param>
    /// <param name="order">The clips; copies of one clip stand side by side.</param>
    /// <param name="first">The place in the order of an epoch that <paramref name="order"/> starts at.</param>
    public abstract BatchLoader Read(int epoch, IReadOnlyList<int> order, int first);

    /// <summary>Reads all validation clips in order.</summary>
    public abstract BatchLoader ReadValidation();

    /// <summary>The model's outputs, [B, K].</summary>
    public abstract Tensor Forward(ClipBatch batch);

    /// <summary>Switches dropout and stochastic depth on or off.</summary>
    public virtual void SetTraining(bool training) => Model.train(training);

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
