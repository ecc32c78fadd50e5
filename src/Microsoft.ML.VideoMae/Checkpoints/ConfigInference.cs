// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Works out the configuration of a checkpoint that brings none from the shapes of its weights. The number of heads is not among them and
/// is that of the published model of the same width; the input is taken to be 16 frames of 224x224.
/// </summary>
internal static class ConfigInference
{
    private const string Projection = "videomae.embeddings.patch_embeddings.projection.weight";
    private const string Layer = "videomae.encoder.layer.";
    private const string DecoderLayer = "decoder.decoder_layers.";

    private static readonly Dictionary<long, int> s_heads = new() { [384] = 6, [768] = 12, [1024] = 16, [1280] = 16, [1408] = 16 };
    private static readonly Dictionary<long, int> s_decoderHeads = new() { [192] = 3, [384] = 6, [512] = 8, [640] = 8 };

    internal static VideoMaeConfig FromWeights(IReadOnlyDictionary<string, StoredTensor> weights, string path)
    {
        if (!weights.TryGetValue(Projection, out StoredTensor? projection)
            || projection.Shape is not [long hidden, long channels, long tubelet, long height, long width])
            throw new InvalidDataException(
                $"'{path}' holds no patch embedding of a VideoMAE model. It holds {string.Join(", ", weights.Keys.Take(5))}, ...");
        VideoMaeConfig config = new()
        {
            NumChannels = Whole(channels),
            TubeletSize = Whole(tubelet),
            PatchSize = new SpatialSize(Whole(height), Whole(width)),
            HiddenSize = Whole(hidden),
            NumAttentionHeads = Heads(s_heads, hidden, path),
            NumHiddenLayers = Depth(weights, Layer),
            IntermediateSize = Rows(weights, $"{Layer}0.intermediate.dense.weight", 3072),
            QkvBias = weights.ContainsKey($"{Layer}0.attention.attention.q_bias"),
            UseMeanPooling = !weights.ContainsKey("videomae.layernorm.weight"),
        };
        if (weights.TryGetValue("classifier.weight", out StoredTensor? head) && head.Shape.Length == 2)
            config = config with { NumLabels = Whole(head.Shape[0]) };
        if (!weights.TryGetValue("encoder_to_decoder.weight", out StoredTensor? decoder) || decoder.Shape.Length != 2)
            return config;
        return config with
        {
            DecoderHiddenSize = Whole(decoder.Shape[0]),
            DecoderNumAttentionHeads = Heads(s_decoderHeads, decoder.Shape[0], path),
            DecoderNumHiddenLayers = Depth(weights, DecoderLayer),
            DecoderIntermediateSize = Rows(weights, $"{DecoderLayer}0.intermediate.dense.weight", 1536),
        };
    }

    private static int Whole(long value) => (int)Math.Clamp(value, 0, int.MaxValue);

    private static int Heads(Dictionary<long, int> known, long width, string path) => known.TryGetValue(width, out int heads)
        ? heads
        : throw new InvalidDataException($"'{path}' has no config.json beside it, and its width of {width} is not that of a published " +
            $"model, so the number of attention heads is unknown. Give {nameof(PretrainedOptions)}.{nameof(PretrainedOptions.Config)}.");

    private static int Depth(IReadOnlyDictionary<string, StoredTensor> weights, string prefix) =>
        weights.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..].Split('.')[0])
            .Distinct(StringComparer.Ordinal).Count();

    private static int Rows(IReadOnlyDictionary<string, StoredTensor> weights, string name, int fallback) =>
        weights.TryGetValue(name, out StoredTensor? tensor) && tensor.Shape.Length == 2 ? Whole(tensor.Shape[0]) : fallback;
}
