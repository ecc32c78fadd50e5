// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Looks into a checkpoint without loading its weights.</summary>
internal static class CheckpointContent
{
    /// <summary>
    /// Whether a checkpoint is of pre-training: it has no classifier, but a decoder, or the last layer norm of an encoder alone.
    /// </summary>
    /// <param name="path">A folder or file.</param>
    public static bool IsPreTraining(string path)
    {
        using CheckpointFile file = CheckpointFile.Open(PretrainedSource.Locate(path).Weights);
        string[] names = [.. CheckpointKeyMap.Map([.. file.Tensors.Keys]).Keys.Select(k => k.Target)];
        return !names.Contains("classifier.weight")
            && (names.Contains("encoder_to_decoder.weight") || names.Contains("videomae.layernorm.weight"));
    }
}
