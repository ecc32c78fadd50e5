// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How far a part of a run is that is not counted in steps.</summary>
/// <param name="Stage">The part.</param>
/// <param name="Done">The clips that are done.</param>
/// <param name="Count">All clips of the part.</param>
public readonly record struct VideoMaeProgress(VideoMaeStage Stage, int Done, int Count);

/// <summary>The parts of a run that are not counted in steps.</summary>
public enum VideoMaeStage
{
    /// <summary>Training videos are decoded for the first time, and kept in memory.</summary>
    Decoding,

    /// <summary>A probe computes the features of clips: once in fine-tuning, and in every epoch of pre-training that has one.</summary>
    Features,

    /// <summary>Validation clips, or those held out of pre-training, are scored after an epoch.</summary>
    Validation,
}
