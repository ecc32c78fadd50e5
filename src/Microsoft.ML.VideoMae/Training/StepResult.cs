// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What became of a batch.</summary>
/// <param name="Loss">Its mean loss.</param>
/// <param name="Correct">Its correct clips; null where there is no right and wrong.</param>
/// <param name="GradientNorm">The norm of the gradients, where the batch was the last of an optimizer step; null otherwise.</param>
internal readonly record struct StepResult(double Loss, long? Correct, double? GradientNorm)
{
    /// <summary>Whether loss and gradients are numbers; otherwise the weights were left as they were.</summary>
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(GradientNorm ?? 0);
}
