// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// The cross-entropy against shares of classes, as timm's SoftTargetCrossEntropy: the mean over the clips of -sum(target * log softmax).
/// With <c>smoothing</c> spread over all classes it is the cross-entropy with label smoothing.
/// </summary>
internal static class SoftTargetCrossEntropy
{
    /// <summary>The loss.</summary>
    /// <param name="logits">[B, K].</param>
    /// <param name="targets">The shares of the classes, [B, K].</param>
    /// <param name="classWeights">
    /// A factor for each class, [K]; null for none. The mean is then one over weights, as in torch's cross_entropy.
    /// </param>
    /// <returns>A scalar.</returns>
    public static Tensor Compute(Tensor logits, Tensor targets, Tensor? classWeights = null)
    {
        Tensor logProbabilities = nn.functional.log_softmax(logits, 1); // [B, K]
        if (classWeights is null)
            return -(targets * logProbabilities).sum(1).mean();
        Tensor weighted = targets * classWeights; // [B, K]
        return -(weighted * logProbabilities).sum() / weighted.sum();
    }
}
