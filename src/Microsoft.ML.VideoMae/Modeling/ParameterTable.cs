// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Which of the three models.</summary>
internal enum ModelKind
{
    /// <summary>The encoder alone.</summary>
    Base,

    /// <summary>The encoder and a classification head.</summary>
    Classification,

    /// <summary>The encoder and a decoder that reconstructs pixels.</summary>
    PreTraining,
}

/// <summary>
/// The names (Hugging Face's, as published checkpoints have them) and shapes of every parameter, worked out from a configuration
/// alone: a checkpoint can be checked, and a model's parameters counted, before anything is allocated.
/// </summary>
internal static class ParameterTable
{
    internal static long Count(VideoMaeConfig config, ModelKind kind) =>
        For(config with { NumHiddenLayers = 1, DecoderNumHiddenLayers = 1 }, kind).Sum(parameter => parameter.Shape.Aggregate(1L, (product, size) => product * size))
        + (config.NumHiddenLayers - 1) * LayerCount(config.HiddenSize, config.IntermediateSize, config.QkvBias)
        + (kind == ModelKind.PreTraining ? (config.DecoderNumHiddenLayers - 1) * LayerCount(config.DecoderHiddenSize, config.DecoderIntermediateSize, config.QkvBias) : 0);

    internal static IEnumerable<(string Name, long[] Shape)> For(VideoMaeConfig config, ModelKind kind)
    {
        string encoder = kind == ModelKind.Base ? "" : "videomae.";
        long hidden = config.HiddenSize, decoder = config.DecoderHiddenSize;
        yield return ($"{encoder}embeddings.patch_embeddings.projection.weight",
            [hidden, config.NumChannels, config.TubeletSize, config.PatchSize.Height, config.PatchSize.Width]);
        yield return ($"{encoder}embeddings.patch_embeddings.projection.bias", [hidden]);
        for (int i = 0; i < config.NumHiddenLayers; i++)
        {
            foreach (var parameter in Layer($"{encoder}encoder.layer.{i}.", hidden, config.IntermediateSize, config.QkvBias))
                yield return parameter;
        }

        IEnumerable<(string, long[])> rest = config.UseMeanPooling ? [] : Norm($"{encoder}layernorm", hidden);
        if (kind == ModelKind.Classification)
        {
            rest = rest.Concat(config.UseAttentivePooling ? Pooler(hidden) : config.UseMeanPooling ? Norm("fc_norm", hidden) : []).Concat(Dense("classifier", config.NumLabels, hidden));
        }
        else if (kind == ModelKind.PreTraining)
        {
            rest = rest.Append(("encoder_to_decoder.weight", [decoder, hidden])).Append(("mask_token", [1, 1, decoder]))
                .Concat(Enumerable.Range(0, config.DecoderNumHiddenLayers).SelectMany(i =>
                    Layer($"decoder.decoder_layers.{i}.", decoder, config.DecoderIntermediateSize, config.QkvBias)))
                .Concat(Norm("decoder.norm", decoder))
                .Concat(Dense("decoder.head", config.PatchDimension, decoder));
        }

        foreach (var parameter in rest)
            yield return parameter;
    }

    private static IEnumerable<(string, long[])> Pooler(long hidden)
    {
        const string Prefix = $"{VideoMaeForVideoClassification.PoolerName}.";
        return new (string, long[])[] { ($"{Prefix}query", [1, hidden]) }
            .Concat(Norm($"{Prefix}layernorm_before", hidden))
            .Concat(((string[])["key", "value", "output"]).SelectMany(name => Dense(Prefix + name, hidden, hidden)))
            .Concat(Norm($"{Prefix}layernorm_after", hidden));
    }

    private static long LayerCount(long hidden, long intermediate, bool bias) =>
        (4 * hidden * hidden) + hidden + (bias ? 2 * hidden : 0) + (2 * hidden * intermediate) + intermediate + hidden + (4 * hidden);

    private static IEnumerable<(string, long[])> Layer(string prefix, long hidden, long intermediate, bool bias)
    {
        string attention = $"{prefix}attention.attention.";
        foreach (string projection in (string[])["query", "key", "value"])
            yield return ($"{attention}{projection}.weight", [hidden, hidden]);
        if (bias)
        {
            yield return ($"{attention}q_bias", [hidden]);
            yield return ($"{attention}v_bias", [hidden]);
        }

        foreach (var parameter in Dense($"{prefix}attention.output.dense", hidden, hidden)
            .Concat(Dense($"{prefix}intermediate.dense", intermediate, hidden))
            .Concat(Dense($"{prefix}output.dense", hidden, intermediate))
            .Concat(Norm($"{prefix}layernorm_before", hidden))
            .Concat(Norm($"{prefix}layernorm_after", hidden)))
            yield return parameter;
    }

    private static (string, long[])[] Norm(string name, long size) => [($"{name}.weight", [size]), ($"{name}.bias", [size])];

    private static (string, long[])[] Dense(string name, long outputs, long inputs) => [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];
}
