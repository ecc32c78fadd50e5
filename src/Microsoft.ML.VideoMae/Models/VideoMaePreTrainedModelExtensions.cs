// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Saves models as checkpoints.</summary>
public static class VideoMaePreTrainedModelExtensions
{
    /// <param name="model">The model.</param>
    extension(VideoMaePreTrainedModel model)
    {
        /// <summary>
        /// Writes the model as a folder that Hugging Face's library reads: config.json, model.safetensors, and the card README.md where
        /// nobody else wrote one. A new folder appears with its weights or not at all; in an existing one each file is replaced in one
        /// step.
        /// </summary>
        /// <param name="folder">The folder.</param>
        /// <param name="dtype">The type to store; null keeps that of the parameters.</param>
        /// <param name="separateBiases">
        /// Whether to write the attention biases as transformers v5 names them (query.bias, key.bias, value.bias) instead of q_bias and
        /// v_bias, which all published checkpoints have and every version reads. The default value is false.
        /// </param>
        /// <param name="options">How large a file may be, and what the card says; null takes the defaults.</param>
        /// <returns>What a user of the folder should know, in sentences; usually nothing.</returns>
        /// <exception cref="ArgumentException">
        /// Weights cannot be stored as <paramref name="dtype"/>, the limit of a file is not positive, or a licence is given that the
        /// checkpoint's forbids.
        /// </exception>
        public IReadOnlyList<string> SavePretrained(
            string folder, ScalarType? dtype = null, bool separateBiases = false, PretrainedSaveOptions? options = null)
        {
            options ??= new PretrainedSaveOptions();
            options.Check(model.Source);
            IReadOnlyList<string> notes = PretrainedWriter.Save(model, folder, dtype, separateBiases, options.MaxShardBytes);
            HubCard.Write(folder, model, card: null, options);
            return notes;
        }

        /// <summary>
        /// Writes the weights as a file that PyTorch (<c>torch.load</c>, with <c>weights_only=True</c> as well) and the original code
        /// (MCG-NJU) read, with the original's names: a state dictionary under <c>module</c> for a classifier, and under <c>model</c>
        /// otherwise. The file is replaced in one step.
        /// </summary>
        /// <param name="path">The file, usually a .pth. Its folder must exist.</param>
        /// <param name="dtype">The type to store; null keeps that of the parameters.</param>
        /// <returns>
        /// What a user of the file should know, in sentences: where the original code does not do quite what this model does.
        /// </returns>
        /// <remarks>
        /// The file holds weights only: to be read here again, a model of another width than the published ones needs a config.json beside
        /// the file, or <see cref="PretrainedOptions.Config"/>.
        /// </remarks>
        /// <exception cref="ArgumentException">
        /// Weights cannot be stored as <paramref name="dtype"/>, or one is too large for it.
        /// </exception>
        /// <exception cref="NotSupportedException">
        /// The model has a part that the original code does not know: <see cref="VideoMaeConfig.UseAttentivePooling"/>.
        /// </exception>
        /// <exception cref="System.IO.IOException">The file cannot be written.</exception>
        public IReadOnlyList<string> SaveOriginal(string path, ScalarType? dtype = null) => OriginalWriter.Save(model, path, dtype);
    }
}
