// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>Transformer blocks one after the other, named <c>layer.0</c>, <c>layer.1</c>, ... or <c>decoder_layers.0</c>, ...</summary>
internal sealed class BlockStack : ModelModule
{
    private readonly List<TransformerBlock> _blocks = [];
    private readonly ActivationCheckpoints _checkpoints;
    private int _frozen;

    internal BlockStack(BlockShape shape, int depth, Stochasticity random, ActivationCheckpoints checkpoints) : base(nameof(BlockStack))
    {
        _checkpoints = checkpoints;
        for (int i = 0; i < depth; i++)
            _blocks.Add(Add($"{i}", new TransformerBlock(shape, random)));
    }

    /// <summary>Stochastic depth: the rate rises linearly from 0 at the first block to this at the last.</summary>
    internal double DropPathRate
    {
        get => _blocks[^1].DropPathRate;
        set
        {
            for (int i = 0; i < _blocks.Count; i++)
                _blocks[i].DropPathRate = _blocks.Count == 1 || i < _frozen ? 0 : value * i / (_blocks.Count - 1);
        }
    }

    /// <summary>Leaves the first blocks as they are: no gradients, no stochastic depth.</summary>
    internal void Freeze(int blocks)
    {
        _frozen = blocks;
        for (int i = 0; i < _blocks.Count; i++)
        {
            foreach (Parameter parameter in _blocks[i].parameters())
                parameter.requires_grad = i >= blocks;
        }
    }

    /// <summary>[B, N, D] to [B, N, D]; collects the hidden state before and after every block, and attention maps, where lists are given.</summary>
    internal Tensor Forward(Tensor x, AttentionImplementation implementation, List<Tensor>? hiddenStates = null, List<Tensor>? attentions = null)
    {
        if (_checkpoints.IsEnabled && training && is_grad_enabled() && hiddenStates is null && attentions is null)
            return Checkpointed(x, implementation);
        hiddenStates?.Add(x);
        foreach (TransformerBlock block in _blocks)
        {
            (x, Tensor? probabilities) = block.Forward(x, implementation, attentions is not null);
            hiddenStates?.Add(x);
            if (probabilities is not null)
                attentions!.Add(probabilities);
        }

        return x;
    }

    private Tensor Checkpointed(Tensor x, AttentionImplementation implementation)
    {
        // Nothing is gone back through blocks at the start that are frozen.
        int first = x.requires_grad ? 0 : _frozen;
        foreach (TransformerBlock block in _blocks.Take(first))
            x = block.Forward(x, implementation, outputAttentions: false).Hidden;
        return first == _blocks.Count ? x : _checkpoints.Forward(
            x, _blocks.Skip(first).Select(block => (Func<Tensor, Tensor>)(input => block.Forward(input, implementation, outputAttentions: false).Hidden)));
    }
}
