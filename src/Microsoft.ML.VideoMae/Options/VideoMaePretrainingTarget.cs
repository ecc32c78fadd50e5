// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What pre-training predicts.</summary>
public enum VideoMaePretrainingTarget
{
    /// <summary>The pixels of patches that are hidden, as VideoMAE does. A decoder predicts them.</summary>
    Pixels,

    /// <summary>
    /// How far what is seen moves from frame to frame, in every 4x4 cell of every token that is seen. A linear layer predicts it from the
    /// encoder's tokens; the decoder is not trained, and reconstruction losses of the model say nothing.
    /// </summary>
    Motion,

    /// <summary>Motion, and a fifth of the loss of pixels besides: the encoder runs twice a step, once for each.</summary>
    Both,
}
