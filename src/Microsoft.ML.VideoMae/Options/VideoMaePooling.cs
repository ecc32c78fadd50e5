// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How the tokens of a frozen encoder become one vector of features.</summary>
public enum VideoMaePooling
{
    /// <summary>
    /// The mean of the last block's tokens: as many values as the model is wide. Where and when something was is lost. Right for
    /// checkpoints that were fine-tuned, whose heads were trained on it.
    /// </summary>
    Mean,

    /// <summary>
    /// Place and change too: tokens of the last two blocks, each brought to mean 0 and deviation 1, are averaged in the 2x2 quarters of the
    /// frame; of each quarter come the mean over time, the mean absolute difference from one tubelet to the next, and the deviation over
    /// time. That makes 24 times as many values as the model is wide (12 times where it has one block). Better for weights that have seen
    /// no labels, with a linear trainer that scales its features.
    /// </summary>
    Cells,
}
