// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>What every model gives on request. Disposing it disposes its tensors.</summary>
public abstract class VideoMaeOutput : IDisposable
{
    private protected VideoMaeOutput(IReadOnlyList<Tensor>? hiddenStates, IReadOnlyList<Tensor>? attentions)
    {
        HiddenStates = hiddenStates;
        Attentions = attentions;
    }

    /// <summary>
    /// The embeddings and the output of every block (before any final layer norm), each [B, N, D]; null unless asked for.
    /// </summary>
    public IReadOnlyList<Tensor>? HiddenStates { get; }

    /// <summary>The attention probabilities of every block, each [B, heads, N, N]; null unless asked for.</summary>
    public IReadOnlyList<Tensor>? Attentions { get; }

    private protected virtual IEnumerable<Tensor?> Tensors() => (HiddenStates ?? []).Concat(Attentions ?? []);

    /// <summary>Moves the tensors out of the scope of the forward pass to that of its caller.</summary>
    internal void MoveToOuterScope()
    {
        foreach (Tensor? tensor in Tensors().Distinct())
            tensor?.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? tensor in Tensors())
            tensor?.Dispose();
    }
}

/// <summary>The output of <see cref="VideoMaeModel"/>.</summary>
public sealed class VideoMaeModelOutput : VideoMaeOutput
{
    internal VideoMaeModelOutput(Tensor lastHiddenState, IReadOnlyList<Tensor>? hiddenStates, IReadOnlyList<Tensor>? attentions)
        : base(hiddenStates, attentions) => LastHiddenState = lastHiddenState;

    /// <summary>The encoded tokens [B, N, D]; N counts visible tokens only where a mask was given.</summary>
    public Tensor LastHiddenState { get; }

    private protected override IEnumerable<Tensor?> Tensors() => base.Tensors().Append(LastHiddenState);
}

/// <summary>The output of <see cref="VideoMaeForVideoClassification"/>.</summary>
public sealed class VideoMaeClassificationOutput : VideoMaeOutput
{
    internal VideoMaeClassificationOutput(
        Tensor? loss, Tensor logits, IReadOnlyList<Tensor>? hiddenStates, IReadOnlyList<Tensor>? attentions)
        : base(hiddenStates, attentions)
    {
        Loss = loss;
        Logits = logits;
    }

    /// <summary>The loss, a scalar; null without labels.</summary>
    public Tensor? Loss { get; }

    /// <summary>Scores before the softmax (or the regression values), [B, num_labels].</summary>
    public Tensor Logits { get; }

    private protected override IEnumerable<Tensor?> Tensors() => base.Tensors().Append(Loss).Append(Logits);
}

/// <summary>The output of <see cref="VideoMaeForPreTraining"/>.</summary>
public sealed class VideoMaePreTrainingOutput : VideoMaeOutput
{
    internal VideoMaePreTrainingOutput(Tensor? loss, Tensor logits, IReadOnlyList<Tensor>? hiddenStates, IReadOnlyList<Tensor>? attentions)
        : base(hiddenStates, attentions)
    {
        Loss = loss;
        Logits = logits;
    }

    /// <summary>The mean squared error over masked patches, a scalar; null where no loss was asked for.</summary>
    public Tensor? Loss { get; }

    /// <summary>The reconstruction of every masked patch, [B, masked, tubelet * patch height * patch width * channels].</summary>
    public Tensor Logits { get; }

    private protected override IEnumerable<Tensor?> Tensors() => base.Tensors().Append(Loss).Append(Logits);
}
