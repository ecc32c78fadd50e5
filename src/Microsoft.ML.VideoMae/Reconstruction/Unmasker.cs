// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Reconstruction;

/// <summary>
/// Turns a model's output into frames: where pixels were normalised by patch, each reconstructed patch gets the mean and deviation of the
/// true one, as the original's run_videomae_vis.py does.
/// </summary>
internal static class Unmasker
{
    /// <summary>Pixels of hidden patches in the masked frames, of 255.</summary>
    private const double Grey = 0.5;

    /// <summary>Hides patches of one view of a video and reconstructs them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="video">The video.</param>
    /// <param name="mask">Which of the clip's masks.</param>
    public static VideoMaeReconstruction Reconstruct(PreTrainingModel model, MLVideo video, int mask)
    {
        float[] pixelValues = model.ReadPixelValues(video, new VideoNotes(), CancellationToken.None); // [T, C, H, W]
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor hidden = model.Masks.OfContent(pixelValues, mask);                           // [1, N]
        Tensor clip = model.ToTensor(pixelValues, 1);                                       // [1, T, C, H, W]
        return Complete(model.Config, clip, hidden.to(model.Device), model.Network.forward(clip, hidden));
    }

    private static VideoMaeReconstruction Complete(VideoMaeConfig config, Tensor clip, Tensor hidden, VideoMaePreTrainingOutput output)
    {
        Tensor positions = ModelInputs.Positions(hidden, "masked");                         // [1, m]
        Tensor unnormalized = ReconstructionLoss.Unnormalize(clip, config, dimensions: 2);
        Tensor patches = Patches.ForReconstruction(unnormalized, config);                   // [1, N, t h w, C], 0 to 1
        Tensor predicted = output.Logits.reshape(1, positions.shape[1], -1, config.NumChannels);
        if (config.NormPixLoss)
        {
            Tensor truth = Patches.Take(patches, positions);
            Tensor spread = truth.var(-2, unbiased: true, keepdim: true).sqrt().Plus(1e-6);
            predicted = predicted.mul(spread).Plus(truth.mean([-2], keepdim: true));
        }

        Tensor index = positions[0];
        Tensor reconstructed = patches.clone(), masked = patches.clone();
        reconstructed[0].index_copy_(0, index, predicted[0]);
        masked[0].index_copy_(0, index, KeptScalars.Filled(predicted[0].shape, Grey, ScalarType.Float32).to(clip.device));
        return new VideoMaeReconstruction(config, output.Loss!.item<float>(), Frames(patches, config), Frames(masked, config),
            Frames(reconstructed, config));
    }

    /// <summary>[1, N, t h w, C] to one RGB image a frame.</summary>
    private static byte[][] Frames(Tensor patches, VideoMaeConfig config)
    {
        float[] values = patches
            .reshape(config.NumTubelets, config.PatchGrid.Height, config.PatchGrid.Width, config.TubeletSize, config.PatchSize.Height,
                config.PatchSize.Width, config.NumChannels)
            .permute(0, 3, 1, 4, 2, 5, 6) // [T/t, t, H/h, h, W/w, w, C]
            .contiguous().cpu().data<float>().ToArray();
        int frame = config.ImageSize.Height * config.ImageSize.Width * config.NumChannels;
        return [.. values.Chunk(frame)
            .Select(pixels => Array.ConvertAll(pixels, p => (byte)Math.Clamp(Math.Round(p * byte.MaxValue), 0, byte.MaxValue)))];
    }
}
