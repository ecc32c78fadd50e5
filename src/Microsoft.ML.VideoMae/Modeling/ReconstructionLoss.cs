// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The loss of pre-training: the mean squared error between reconstructed and true pixels of masked patches.</summary>
internal static class ReconstructionLoss
{
    // The pixel values are taken to be normalised with ImageNet's mean and deviation, as the reference does.
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] s_deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>
    /// The loss of reconstructions [B, m, P] of the tokens [B, m]; where <paramref name="countedPos"/> [B, N] is given, only tokens true in
    /// it count.
    /// </summary>
    internal static Tensor Compute(Tensor logits, Tensor pixelValues, Tensor decoded, Tensor? countedPos, VideoMaeConfig config)
    {
        Tensor prediction = logits.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? logits.to(ScalarType.Float32) : logits;
        Tensor targets = Targets(pixelValues.to(prediction.dtype), decoded, config); // [B, m, P]
        if (countedPos is null)
            return nn.functional.mse_loss(prediction, targets);
        Tensor counted = countedPos.gather(1, decoded).to(prediction.dtype);         // [B, m]
        Tensor errors = (prediction - targets).square().mean([-1]);
        Tensor count = counted.sum();
        if (count.item<float>() == 0)
            throw new ArgumentException("No token to reconstruct is masked; at least one must be.", nameof(countedPos));
        return (errors * counted).sum() / count;
    }

    /// <summary>The mean squared error of each clip's reconstructions [B, m, P] of the tokens [B, m], [B].</summary>
    internal static Tensor PerClip(Tensor logits, Tensor pixelValues, Tensor decoded, VideoMaeConfig config) =>
        (logits - Targets(pixelValues, decoded, config)).Squared().mean([1, 2]);

    /// <summary>The true pixels of the tokens [B, m], [B, m, P], each patch normalised per channel where the configuration asks for it.</summary>
    internal static Tensor Targets(Tensor pixelValues, Tensor decoded, VideoMaeConfig config)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor frames = Unnormalize(pixelValues, config);
        Tensor patches = Patches.Take(Patches.ForReconstruction(frames, config), decoded); // [B, m, t h w, C]
        if (config.NormPixLoss)
        {
            Tensor spread = patches.var(-2, unbiased: true, keepdim: true).sqrt().Plus(1e-6);
            patches = (patches - patches.mean([-2], keepdim: true)) / spread;
        }

        return patches.flatten(2).MoveToOuterDisposeScope();
    }

    /// <summary>Pixels from 0 to 1 of normalised ones; those of other than 3 channels stay as they are.</summary>
    internal static Tensor Unnormalize(Tensor pixelValues, VideoMaeConfig config)
    {
        if (config.NumChannels == 3)
        {
            Tensor mean = tensor(s_mean, [3, 1, 1]).to(pixelValues), deviation = tensor(s_deviation, [3, 1, 1]).to(pixelValues);
            return (pixelValues * deviation).Plus(mean);
        }

        if (!config.NormPixLoss)
            throw new ArgumentException($"num_channels is {config.NumChannels} and norm_pix_loss is false; pixels of other than 3 channels cannot be un-normalised. Set norm_pix_loss to true.", nameof(config));
        return pixelValues;
    }
}
