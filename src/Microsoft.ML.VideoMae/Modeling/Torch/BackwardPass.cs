// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// The way back from a loss, in pieces. Four want it: activation checkpointing (Chen et al., 2016, arXiv:1604.06174), which keeps of a
/// block only its input and computes a second time what gradients need, a third more time for the memory of one block instead of all;
/// whoever uses the gradients of a block while those in front of it are computed; and <see cref="BlockProducts"/> and
/// <see cref="BlockAttention"/>, which have gradients of their own. For the first two, pieces begin and end between blocks, and gradients
/// are the same in any case, also with dropout.
/// </summary>
/// <remarks>
/// A piece's input is a new beginning of the graph: <see cref="Run"/> goes back from the loss to the last beginning, and carries the
/// gradient over to the piece before it. So everything happens in the calling thread, between calls of libtorch. A function of one's own in
/// the graph (TorchSharp's <c>autograd.SingleTensorFunction</c>) would be called from inside libtorch, on a GPU by a thread of its own. What
/// it throws ends the process, and the tensors of every call stay until the scope around the whole way back ends. One per model; not for
/// several threads.
/// </remarks>
internal sealed class BackwardPass(Stochasticity random) : IDisposable
{
    private readonly Stochasticity _random = random;
    private readonly Stack<BackwardPiece> _pieces = new();
    private readonly Dictionary<TransformerBlock, int> _left = [];
    private bool _isWhole;

    /// <summary>Whether blocks keep their inputs only, in training.</summary>
    internal bool IsCheckpointing { get; set; }

    /// <summary>
    /// Told of blocks whose parameters have all of their gradients, while the way back goes on; a block that is not told of has them at the
    /// end. Null leaves the graph in one piece.
    /// </summary>
    internal Action<TransformerBlock>? Completed { get; set; }

    /// <summary>Whether attention may keep its inputs only, where that is faster: see <see cref="BlockAttention"/>.</summary>
    internal bool RecomputesAttention { get; set; }

    /// <summary>What multiplies in the linear layers of blocks; null for libtorch.</summary>
    internal BlockProducts? Products { get; set; }

    /// <summary>Adds a piece: the graph begins anew at its result.</summary>
    internal void Add(BackwardPiece piece) => _pieces.Push(piece);

    /// <summary>Sends tokens through some blocks that keep their inputs only.</summary>
    /// <param name="x">[B, N, D].</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="run">Sends tokens through one.</param>
    /// <returns>[B, N, D], where the graph begins anew.</returns>
    internal Tensor Checkpoint(Tensor x, IEnumerable<TransformerBlock> blocks, Func<TransformerBlock, Tensor, Tensor> run)
    {
        // The tensors outlive the scopes of the forward pass: they are disposed of on the way back.
        var steps = new List<Step>();
        Tensor hidden = x.detach().DetachFromDisposeScope();
        using (IDisposable noGrad = no_grad())
        {
            foreach (TransformerBlock block in blocks)
            {
                using DisposeScope scope = NewDisposeScope();
                steps.Add(new Step(block, hidden, _random.Generator.get_state().DetachFromDisposeScope()));
                hidden = run(block, hidden).DetachFromDisposeScope();
                Expect(block);
            }
        }

        hidden.requires_grad = true;
        _pieces.Push(new Checkpoints(x.requires_grad ? x.alias().DetachFromDisposeScope() : null, steps, hidden, run, this));
        return hidden.alias();
    }

    /// <summary>Begins a new piece in front of a block, where gradients go further back than that.</summary>
    /// <param name="x">[B, N, D].</param>
    /// <param name="block">The block behind.</param>
    /// <returns>[B, N, D].</returns>
    internal Tensor Cut(Tensor x, TransformerBlock block)
    {
        if (!x.requires_grad)
            return x;
        Tensor input = x.detach().DetachFromDisposeScope();
        input.requires_grad = true;
        _pieces.Push(new Part(x.alias().DetachFromDisposeScope(), input, block));
        Expect(block);
        return input.alias();
    }

    /// <summary>Blocks were run in one piece: what else runs through them may not be the last of their gradients.</summary>
    internal void LeaveWhole() => _isWhole = true;

    /// <summary>Computes the gradients of all parameters.</summary>
    /// <param name="loss">The loss; the gradients of every forward pass since the last call are computed.</param>
    internal void Run(Tensor loss)
    {
        loss.backward();
        RunPieces(0);
        Forget();
        Products?.Report();
    }

    /// <summary>Forgets forward passes whose gradients nobody wants.</summary>
    public void Dispose()
    {
        while (_pieces.TryPop(out BackwardPiece? piece))
            piece.Dispose();
        Forget();
    }

    /// <summary>Goes through the last pieces, until so many are left.</summary>
    private void RunPieces(int left)
    {
        while (_pieces.Count > left)
        {
            using BackwardPiece piece = _pieces.Pop();
            piece.Run(Passed);
        }
    }

    private void Expect(TransformerBlock block) => _left[block] = _left.GetValueOrDefault(block) + 1;

    private void Passed(TransformerBlock block)
    {
        if (--_left[block] == 0 && !_isWhole)
            Completed?.Invoke(block);
    }

    private void Forget()
    {
        _left.Clear();
        _isWhole = false;
    }

    private sealed record Step(TransformerBlock Block, Tensor Input, Tensor RandomState);

    /// <summary>From the input of a block to the beginning before it.</summary>
    private sealed class Part(Tensor result, Tensor input, TransformerBlock behind) : BackwardPiece
    {
        internal override void Run(Action<TransformerBlock> passed)
        {
            passed(behind);
            using DisposeScope scope = NewDisposeScope();
            if (input.grad is Tensor gradient)
                result.backward([gradient]);
        }

        public override void Dispose()
        {
            result.Dispose();
            input.Dispose();
        }
    }

    /// <summary>Blocks that were run one after the other and kept their inputs only.</summary>
    private sealed class Checkpoints(
        Tensor? input, List<Step> steps, Tensor result, Func<TransformerBlock, Tensor, Tensor> run, BackwardPass way) : BackwardPiece
    {
        internal override void Run(Action<TransformerBlock> passed)
        {
            using DisposeScope scope = NewDisposeScope();
            if (result.grad is not Tensor gradient)
                return; // The loss has nothing to do with it.
            for (int i = steps.Count - 1; i >= 0; i--)
            {
                using DisposeScope step = NewDisposeScope();
                way._random.Generator.set_state(steps[i].RandomState);
                Tensor again = steps[i].Input.detach();
                again.requires_grad = true;
                int left = way._pieces.Count; // A block may be made of pieces itself.
                run(steps[i].Block, again).backward([gradient]);
                way.RunPieces(left);
                gradient = again.grad!.MoveToOuterDisposeScope();
                passed(steps[i].Block);
            }

            input?.backward([gradient]);
        }

        public override void Dispose()
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
