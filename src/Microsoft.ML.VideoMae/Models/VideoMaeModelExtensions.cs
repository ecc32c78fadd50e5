// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Checkpoints;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Loads a <see cref="VideoMaeModel"/>. It stands above the encoder itself, which knows no files.</summary>
public static class VideoMaeModelExtensions
{
    extension(VideoMaeModel)
    {
        /// <summary>
        /// Loads a checkpoint: a folder of Hugging Face's, a .safetensors file, a .bin or .pth file of PyTorch's (Hugging Face's names or
        /// the original's), or a hub id.
        /// </summary>
        /// <param name="pathOrId">The path, or an id like <c>MCG-NJU/videomae-base</c>; an existing path wins.</param>
        /// <param name="dtype">The type to compute in; null means Float32.</param>
        /// <param name="attnImplementation">How attention is computed.</param>
        /// <param name="device">Where the model lives; null means the CPU.</param>
        /// <param name="options">What the checkpoint is loaded as, where that is not just what it is.</param>
        /// <returns>The model, in evaluation mode; <see cref="VideoMaePreTrainedModel.LoadReport"/> says what was loaded.</returns>
        /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
        /// <exception cref="HubException">The id's files cannot be had from the hub or its cache.</exception>
        /// <exception cref="System.IO.InvalidDataException">
        /// It is damaged, or does not hold a complete encoder of this configuration.
        /// </exception>
        public static VideoMaeModel FromPretrained(
            string pathOrId, ScalarType? dtype = null, AttentionImplementation attnImplementation = AttentionImplementation.Sdpa,
            Device? device = null, PretrainedOptions? options = null)
        {
            VideoMaeModel model = PretrainedLoader.Load(
                pathOrId, config => new VideoMaeModel(config, random: null), dtype, device, options);
            model.AttentionImplementation = attnImplementation;
            return model;
        }
    }
}
