// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a forward pass gives.</summary>
/// <param name="Loss">The mean loss of the clips.</param>
/// <param name="Correct">The correct clips; null where there is no right and wrong.</param>
/// <param name="Share">What these clips count for in the mean of the whole batch: 1 where they are all.</param>
internal readonly record struct BatchLoss(Tensor Loss, long? Correct, double Share);

/// <summary>What became of a batch.</summary>
/// <param name="Loss">Its mean loss.</param>
/// <param name="Correct">Its correct clips; null where there is no right and wrong.</param>
/// <param name="GradientNorm">The norm of the gradients, where the batch was the last of an optimizer step; null otherwise.</param>
internal readonly record struct StepResult(double Loss, long? Correct, double? GradientNorm)
{
    /// <summary>Whether loss and gradients are numbers; otherwise the weights were left as they were.</summary>
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(GradientNorm ?? 0);
}
