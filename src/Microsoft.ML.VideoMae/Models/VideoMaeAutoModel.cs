// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Checkpoints;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Loads a checkpoint as the kind of model that it is.</summary>
public static class VideoMaeAutoModel
{
    /// <summary>Loads a checkpoint: that of config.json's architectures, or else what its weights say.</summary>
    /// <param name="pathOrId">A Hugging Face folder, a .safetensors, .bin or .pth file, or a hub id; an existing path wins.</param>
    /// <param name="options">What the checkpoint is loaded as, where that is not just what it is.</param>
    /// <returns>
    /// A <see cref="VideoMaeForVideoClassification"/>, a <see cref="VideoMaeForPreTraining"/> or a <see cref="VideoMaeModel"/>, in
    /// evaluation mode; its LoadReport says what was loaded.
    /// </returns>
    /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="HubException">The id's files cannot be had from the hub or its cache.</exception>
    /// <exception cref="System.IO.InvalidDataException">
    /// It is damaged, or does not hold a complete encoder of its configuration.
    /// </exception>
    public static VideoMaePreTrainedModel FromPretrained(string pathOrId, PretrainedOptions? options = null) =>
        ReferenceModel.Load(pathOrId, options, out _);
}
