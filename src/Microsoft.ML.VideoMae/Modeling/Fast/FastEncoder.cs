// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// The encoder for inference: the results of <see cref="VideoMaeModel"/> up to rounding, with what can be prepared prepared once. It keeps
/// joined weights of queries, keys and values, and in BFloat16 a copy of the others; in Float32 it shares these with the model.
/// </summary>
internal sealed class FastEncoder : IClipEncoder
{
    private readonly VideoMaeConfig _config;
    private readonly ScalarType _type;
    private readonly FastLinear _embedding;
    private readonly Tensor _positions;
    private readonly List<FastBlock> _blocks = [];
    private readonly FastBlock.Norm? _norm;
    private readonly OperatorCheck? _oneDnn;

    /// <param name="model">The model; may be disposed of before this object.</param>
    /// <param name="type">The type of the products: Float32 or BFloat16.</param>
    /// <param name="oneDnn">Checks oneDNN's products; null where it is not to do them.</param>
    internal FastEncoder(VideoMaeModel model, ScalarType type, OperatorCheck? oneDnn)
    {
        _config = model.Config;
        _type = type;
        _oneDnn = oneDnn;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        IReadOnlyDictionary<nn.Module, string> names = model.PartNames();
        Dense projection = model.Embeddings.Projection;
        _embedding = FastLinear.Create(names[projection], projection, type, oneDnn);
        try
        {
            Tensor positions = SinusoidPositions.Table(_config, _config.HiddenSize); // [1, N, D]
            _positions = positions.to(projection.Weight.device).DetachFromDisposeScope();
            foreach (TransformerBlock block in model.Blocks)
                _blocks.Add(new FastBlock(block, names, _config, type, oneDnn));
            if (model.Norm is LayerNormalization norm)
                _norm = new FastBlock.Norm(norm);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Tokens(Tensor pixelValues, int? blocks = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor tokens = Embed(pixelValues);
        foreach (FastBlock block in _blocks.Take(blocks ?? _blocks.Count))
            tokens = block.Forward(tokens);
        _oneDnn?.Report();
        return (blocks is null && _norm is not null ? _norm.Forward(tokens) : tokens).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor[] LastBlocks(Tensor pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor tokens = Embed(pixelValues);
        var last = new List<Tensor>();
        for (int i = 0; i < _blocks.Count; i++)
        {
            tokens = _blocks[i].Forward(tokens);
            if (i >= _blocks.Count - count)
                last.Insert(0, tokens.clone().MoveToOuterDisposeScope()); // The next block adds to its input in place.
        }

        _oneDnn?.Report();
        return [.. last];
    }

    private Tensor Embed(Tensor pixelValues)
    {
        ModelInputs.CheckPixelValues(pixelValues, _config);
        Tensor patches = Patches.ForEmbedding(pixelValues, _config).to(_type);                      // [B, N, P]
        return _embedding.Forward(patches).to(ScalarType.Float32).PlusInPlace(_positions);          // [B, N, D]
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _embedding.Dispose();
        _positions?.Dispose();
        foreach (FastBlock block in _blocks)
            block.Dispose();
        _norm?.Dispose();
    }
}
