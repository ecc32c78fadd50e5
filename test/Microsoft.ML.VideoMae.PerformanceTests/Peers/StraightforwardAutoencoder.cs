// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// The masked autoencoder in the straightforward way, with the steps of the reference's: all patches are embedded before the hidden ones
/// are dropped, and the targets are made of all patches before those of the hidden ones are picked. For three channels and normalised
/// targets.
/// </summary>
internal sealed class StraightforwardAutoencoder(VideoMaeForPreTraining model)
{
    private readonly StraightforwardLayers _layers = new(model);
    private readonly VideoMaeConfig _config = model.Config;
    private readonly Tensor _positions = SinusoidPositions.Table(model.Config, model.Config.HiddenSize).DetachFromDisposeScope(); // [1, N, D]
    private readonly Tensor _decoderPositions = SinusoidPositions
        .Table(model.Config, model.Config.DecoderHiddenSize)
        .DetachFromDisposeScope(); // [1, N, d]
    private readonly Tensor _mean = tensor(new[] { 0.485f, 0.456f, 0.406f }, [3, 1, 1]).DetachFromDisposeScope();
    private readonly Tensor _deviation = tensor(new[] { 0.229f, 0.224f, 0.225f }, [3, 1, 1]).DetachFromDisposeScope();

    /// <summary>The loss of clips [B, T, C, H, W] with the tokens [B, N] hidden, as many in every clip.</summary>
    public Tensor Loss(Tensor clips, Tensor hidden)
    {
        Tensor visible = hidden.logical_not();
        Tensor x = Pick(_layers.Embed(clips, _config).Plus(_positions), visible); // [B, v, D]
        x = _layers.Blocks(x, "videomae.encoder.layer.", _config.NumHiddenLayers, _config.NumAttentionHeads, _config.LayerNormEps);
        if (!_config.UseMeanPooling)
            x = _layers.Norm(x, "videomae.layernorm", _config.LayerNormEps);
        x = _layers.Dense(x, "encoder_to_decoder");
        Tensor positions = _decoderPositions.expand(clips.shape[0], -1, -1);
        x = cat([x.Plus(Pick(positions, visible)), _layers["mask_token"].Plus(Pick(positions, hidden))], 1); // [B, N, d]
        x = _layers.Blocks(
            x, "decoder.decoder_layers.", _config.DecoderNumHiddenLayers, _config.DecoderNumAttentionHeads, _config.LayerNormEps);
        Tensor targets = Pick(Targets(clips), hidden); // [B, m, P]
        x = _layers.Norm(x.narrow(1, x.shape[1] - targets.shape[1], targets.shape[1]), "decoder.norm", _config.HeadNormEps);
        return nn.functional.mse_loss(_layers.Dense(x, "decoder.head"), targets);
    }

    /// <summary>Rows of [B, N, D] where [B, N] is true, [B, n, D].</summary>
    private static Tensor Pick(Tensor rows, Tensor mask) => rows[mask].reshape(rows.shape[0], -1, rows.shape[2]);

    /// <summary>[B, T, C, H, W] to [B, N, P], the channels of every patch normalised.</summary>
    private Tensor Targets(Tensor clips)
    {
        using IDisposable noGrad = no_grad();
        Tensor patches = clips
            .mul(_deviation)
            .Plus(_mean)
            .reshape(
                clips.shape[0], _config.NumTubelets, _config.TubeletSize, 3, _config.PatchGrid.Height, _config.PatchSize.Height,
                _config.PatchGrid.Width, _config.PatchSize.Width)
            .permute(0, 1, 4, 6, 2, 5, 7, 3)
            .reshape(clips.shape[0], _config.NumPatches, -1, 3); // [B, N, t h w, C]
        Tensor deviation = patches.var(-2, unbiased: true, keepdim: true).sqrt();
        return patches.sub(patches.mean([-2], keepdim: true)).div(deviation.Plus(1e-6)).flatten(2);
    }
}
