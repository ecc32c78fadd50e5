// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>
/// An encoder in a graph. A block is added when somebody first asks for what it gives, so that several who ask share it.
/// </summary>
/// <param name="network">The parts of the graph.</param>
/// <param name="encoder">The encoder.</param>
/// <param name="embedded">Embedded tokens, [B, N, D].</param>
internal sealed class OnnxEncoder(OnnxNetwork network, VideoMaeModel encoder, string embedded)
{
    private readonly List<string> _tokens = [embedded];
    private string? _last;

    /// <summary>The shape of the encoder.</summary>
    public VideoMaeConfig Config => encoder.Config;

    /// <summary>The encoder of a model, on pixel values of the type that is computed with, [B, T, C, H, W].</summary>
    public static OnnxEncoder Of(OnnxGraph graph, VideoMaePreTrainedModel model, string pixels)
    {
        var network = new OnnxNetwork(graph, model);
        VideoMaeModel encoder = model.OwnEncoder();
        return new OnnxEncoder(network, encoder, network.Embed(pixels, encoder.Embeddings.Projection));
    }

    /// <summary>The tokens after some of the blocks, [B, N, D].</summary>
    /// <param name="blocks">How many blocks.</param>
    public string After(int blocks)
    {
        while (_tokens.Count <= blocks)
            _tokens.Add(network.Block(_tokens[^1], encoder.Blocks[_tokens.Count - 1], Config));
        return _tokens[blocks];
    }

    /// <summary>The tokens after all blocks, with what normalises them, [B, N, D].</summary>
    public string Last() => _last ??=
        encoder.Norm is LayerNormalization norm ? network.Norm(After(encoder.Blocks.Count), norm) : After(encoder.Blocks.Count);
}
