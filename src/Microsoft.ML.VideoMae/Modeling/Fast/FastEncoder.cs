// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
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
            CheckedProducts? attention = AttentionProducts.ByHead(_config, type, oneDnn);
            AttendsByHead = attention is not null;
            foreach (TransformerBlock block in model.Blocks)
                _blocks.Add(new FastBlock(block, names, _config, type, oneDnn, attention));
            if (model.Norm is LayerNormalization norm)
                _norm = new FastBlock.Norm(norm);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether oneDNN multiplies in attention too.</summary>
    internal bool AttendsByHead { get; }

    /// <inheritdoc/>
    public Tensor Tokens(Tensor pixelValues, int? blocks = null) => TokensAt(pixelValues, [blocks])[0];

    /// <inheritdoc/>
    public Tensor[] TokensAt(Tensor pixelValues, IReadOnlyList<int?> blocks)
    {
        if (pixelValues.device_type != DeviceType.CPU)
            return TokensTogether(pixelValues, blocks);
        (int clips, int atOnce) = ((int)pixelValues.shape[0], LayerSize.ClipsAtOnce(_config.NumPatches, _config.IntermediateSize));
        int threads = LayerSize.Threads(clips, atOnce);
        if (threads > 1 || clips > atOnce)
            return TokensOf(pixelValues, LayerSize.Pieces(clips, atOnce, threads), threads, blocks);
        if (!LayerSize.IsSmall(clips * _config.NumPatches, _config.IntermediateSize))
            return TokensTogether(pixelValues, blocks);
        Tensor[] tokens = [];
        SideBySide.Alone(() => tokens = TokensTogether(pixelValues, blocks));
        return tokens;
    }

    private Tensor[] TokensOf(Tensor pixelValues, int pieces, int threads, IReadOnlyList<int?> blocks)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] clips = pixelValues.tensor_split(pieces);
        var parts = new Tensor[pieces][];
        int taken = -1;
        try
        {
            SideBySide.Run(threads, _ =>
            {
                for (int i = Interlocked.Increment(ref taken); i < pieces; i = Interlocked.Increment(ref taken))
                    parts[i] = [.. TokensTogether(clips[i], blocks).Select(part => part.DetachFromDisposeScope())];
            });
            return [.. blocks.Select((_, place) => cat([.. parts.Select(part => part[place])]).MoveToOuterDisposeScope())];
        }
        finally
        {
            foreach (Tensor part in parts.Where(part => part is not null).SelectMany(part => part))
                part.Dispose();
        }
    }

    private Tensor[] TokensTogether(Tensor pixelValues, IReadOnlyList<int?> blocks)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor tokens = Embed(pixelValues); // [B, N, D]
        var places = new Tensor[blocks.Count];
        int most = blocks.Max(b => b ?? _blocks.Count);
        for (int done = 0; done <= most; done++)
        {
            if (done > 0)
                tokens = _blocks[done - 1].Forward(tokens);
            for (int i = 0; i < places.Length; i++)
            {
                if (done == (blocks[i] ?? _blocks.Count))
                    places[i] = At(tokens, isNormalised: blocks[i] is null, isLast: done == most).MoveToOuterDisposeScope();
            }
        }

        _oneDnn?.Report();
        return places;
    }

    private Tensor At(Tensor tokens, bool isNormalised, bool isLast) =>
        isNormalised && _norm is not null ? _norm.Forward(tokens)
        : isLast ? tokens.alias()
        : tokens.clone(); // The next block adds to its input in place.

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
