// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Which of the three models.</summary>
internal enum ModelKind
{
    /// <summary>The encoder alone.</summary>
    Base,

    /// <summary>The encoder and a classification head.</summary>
    Classification,

    /// <summary>The encoder and a decoder that reconstructs pixels.</summary>
    PreTraining,
}
