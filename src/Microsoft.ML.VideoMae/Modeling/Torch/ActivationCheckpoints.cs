// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Activation checkpointing (Chen et al., 2016, arXiv:1604.06174): of a block only its input is kept, and what its gradients need is
/// computed a second time on the way back. A third more time, and memory for the activations of one block instead of all. Gradients are the
/// same, also with dropout.
/// </summary>
/// <remarks>
/// Blocks run without a record for gradients, and their result is a new beginning of the graph: <see cref="Backward"/> goes back from the
/// loss to such beginnings and carries the gradients through the blocks. One per model; not for several threads.
/// </remarks>
internal sealed class ActivationCheckpoints(Stochasticity random) : IDisposable
{
    private readonly Stack<Segment> _segments = new();

    /// <summary>Whether to keep inputs only, in training.</summary>
    internal bool IsEnabled { get; set; }

    /// <summary>Sends tokens through some blocks one after the other.</summary>
    /// <param name="x">[B, N, D].</param>
    /// <param name="blocks">The blocks.</param>
    /// <returns>[B, N, D], where the graph begins anew.</returns>
    internal Tensor Forward(Tensor x, IEnumerable<Func<Tensor, Tensor>> blocks)
    {
        // The tensors outlive the scopes of the forward pass: they are disposed of on the way back.
        var steps = new List<Step>();
        Tensor hidden = x.detach().DetachFromDisposeScope();
        using (IDisposable noGrad = no_grad())
        {
            foreach (Func<Tensor, Tensor> block in blocks)
            {
                using DisposeScope scope = NewDisposeScope();
                steps.Add(new Step(block, hidden, random.Generator.get_state().DetachFromDisposeScope()));
                hidden = block(hidden).DetachFromDisposeScope();
            }
        }

        hidden.requires_grad = true;
        _segments.Push(new Segment(x.requires_grad ? x.alias().DetachFromDisposeScope() : null, steps, hidden));
        return hidden.alias();
    }

    /// <summary>Computes the gradients of all parameters, through blocks that kept their inputs only as well.</summary>
    /// <param name="loss">The loss; the gradients of every forward pass since the last call are computed.</param>
    internal void Backward(Tensor loss)
    {
        loss.backward();
        while (_segments.TryPop(out Segment? segment))
        {
            using (segment)
                segment.Backward(random.Generator);
        }
    }

    /// <summary>Forgets forward passes whose gradients nobody wants.</summary>
    public void Dispose()
    {
        while (_segments.TryPop(out Segment? segment))
            segment.Dispose();
    }

    private sealed record Step(Func<Tensor, Tensor> Block, Tensor Input, Tensor RandomState);

    /// <summary>Blocks that were run one after the other.</summary>
    private sealed class Segment(Tensor? input, List<Step> steps, Tensor result) : IDisposable
    {
        internal void Backward(Generator generator)
        {
            using DisposeScope scope = NewDisposeScope();
            if (result.grad is not Tensor gradient)
                return; // The loss has nothing to do with it.
            for (int i = steps.Count - 1; i >= 0; i--)
            {
                using DisposeScope step = NewDisposeScope();
                generator.set_state(steps[i].RandomState);
                Tensor again = steps[i].Input.detach();
                again.requires_grad = true;
                steps[i].Block(again).backward([gradient]);
                gradient = again.grad!.MoveToOuterDisposeScope();
            }

            input?.backward([gradient]);
        }

        public void Dispose()
        {
            input?.Dispose();
            result.Dispose();
            foreach (Step step in steps)
            {
                step.Input.Dispose();
                step.RandomState.Dispose();
            }
        }
    }
}
