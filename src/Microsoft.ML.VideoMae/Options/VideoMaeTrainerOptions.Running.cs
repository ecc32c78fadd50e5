// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>Validation, and stopping early.</content>
public abstract partial class VideoMaeTrainerOptions
{
    /// <summary>
    /// A text or key column that says which clips belong together, such as clips cut from one recording: a validation fraction never
    /// separates them. The default is none.
    /// </summary>
    [Option("The column that says which clips belong together.", RunIdentityPart.Always)]
    public string? GroupColumnName;

    /// <summary>
    /// What decides which epoch was the best. The default, null, is accuracy for classifiers, with the loss where it is equal, and the loss
    /// for regression.
    /// </summary>
    [Option("What makes an epoch the best.", RunIdentityPart.Always)]
    public ValidationMetric? ValidationMetric;

    /// <summary>
    /// Whether the trained model has the weights of the epoch that validated best, rather than the last ones; without validation data it
    /// has no effect. The default, null, is true, but false from the weights of Microsoft.ML.VideoMae.Weights with fewer than 100
    /// validation clips and no early stopping: so few clips say more of luck than of epochs. The choice is logged.
    /// </summary>
    [Option("Keep the weights of the best epoch.", RunIdentityPart.Always, FirstDefault = true)]
    public bool? KeepBestWeights;

    /// <summary>
    /// The number of epochs without improvement after which training stops. The default, null, never stops early. Needs validation data.
    /// </summary>
    [Option("Epochs without improvement after which training ends early.", RunIdentityPart.Always, Flag = "--patience")]
    [Positive]
    public int? EarlyStoppingPatience;
}
