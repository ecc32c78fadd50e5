// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>What one transformer block needs to know of a configuration, for the encoder or the decoder.</summary>
internal sealed record BlockShape(
    int HiddenSize, int Heads, int IntermediateSize, bool QkvBias, string Activation, double NormEps, double HiddenDropout, double AttentionDropout)
{
    internal static BlockShape Encoder(VideoMaeConfig config) => new(
        config.HiddenSize, config.NumAttentionHeads, config.IntermediateSize, config.QkvBias, config.HiddenAct, config.LayerNormEps,
        config.HiddenDropoutProb, config.AttentionProbsDropoutProb);

    internal static BlockShape Decoder(VideoMaeConfig config) => Encoder(config) with
    {
        HiddenSize = config.DecoderHiddenSize,
        Heads = config.DecoderNumAttentionHeads,
        IntermediateSize = config.DecoderIntermediateSize,
    };
}
