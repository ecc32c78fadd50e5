// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How much of a model is trained.</summary>
public enum FineTuningMode
{
    /// <summary>
    /// Chosen by where the weights come from and the number of clips, and so alike on every machine: <see cref="LinearProbe"/> for a
    /// checkpoint that was trained with labels and fewer than ten clips a class, and <see cref="Full"/> otherwise. The choice and its
    /// reason are logged; a warning says where it takes many hours on a CPU.
    /// </summary>
    Auto,

    /// <summary>All weights.</summary>
    Full,

    /// <summary>The last blocks, what follows them, and the head; the weights before stay as they are.</summary>
    LastBlocks,

    /// <summary>
    /// A linear head on the mean of the frozen encoder's tokens. Features are computed once and kept, so that epochs take seconds. Good
    /// where the checkpoint was fine-tuned on similar videos already.
    /// </summary>
    LinearProbe,

    /// <summary>
    /// A learned query that attends to the frozen encoder's tokens, and a linear head, as in V-JEPA (Bardes et al., 2024). Features are
    /// computed once and kept. Better than a linear probe for checkpoints of pre-training, whose mean token says little.
    /// </summary>
    AttentiveProbe,
}
