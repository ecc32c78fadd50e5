// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
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
        // Only what is reconstructed is touched, and channels come last only at the end: runs of whole channels are what is fast to add up.
        Tensor patches = Patches.Take(Patches.ForProjection(pixelValues, config), decoded).unflatten(2, config.NumChannels, -1); // [B, m, C, t h w]
        patches = config.NormPixLoss ? Normalize(patches, config) : Unnormalize(patches, config, dimensions: 1);
        return patches.transpose(-1, -2).flatten(2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Each channel of each patch [B, m, C, n] with mean 0 and deviation 1, as of pixels from 0 to 1: the mean drops out, and of the deviation what is
    /// left is what the 1e-6 below it weighs.
    /// </summary>
    private static Tensor Normalize(Tensor patches, VideoMaeConfig config)
    {
        double count = patches.shape[^1];
        Tensor centred = patches - patches.mean([-1], keepdim: true);
        Tensor spread = centred.Squared().mean([-1], keepdim: true).Times(count / (count - 1)).sqrt(); // [B, m, C, 1]
        if (config.NumChannels != s_deviation.Length)
            return centred.div_(spread.Plus(1e-6));
        Tensor deviation = tensor(s_deviation, [s_deviation.Length, 1], device: CPU).to(patches);
        return centred.mul_(deviation / (spread * deviation).Plus(1e-6));
    }

    /// <summary>Pixels from 0 to 1 of normalised ones; those of other than 3 channels stay as they are.</summary>
    /// <param name="pixelValues">Pixels, [..., C, ...].</param>
    /// <param name="config">The model.</param>
    /// <param name="dimensions">The number of dimensions behind that of the channels.</param>
    internal static Tensor Unnormalize(Tensor pixelValues, VideoMaeConfig config, int dimensions)
    {
        if (config.NumChannels == s_mean.Length)
        {
            long[] shape = [s_mean.Length, .. Enumerable.Repeat(1L, dimensions)];
            Tensor mean = tensor(s_mean, shape, device: CPU).to(pixelValues), deviation = tensor(s_deviation, shape, device: CPU).to(pixelValues);
            return (pixelValues * deviation).Plus(mean);
        }

        if (!config.NormPixLoss)
            throw new ArgumentException($"num_channels is {config.NumChannels} and norm_pix_loss is false; pixels of other than 3 channels cannot be un-normalised. Set norm_pix_loss to true.", nameof(config));
        return pixelValues;
    }
}
