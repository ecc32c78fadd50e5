// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae;

/// <summary>Files of a data set with the very same content.</summary>
/// <param name="Videos">Their paths or names.</param>
/// <param name="Labels">The labels they have, where a label column was given.</param>
/// <param name="Splits">The parts of the data set they are in, where a split column was given.</param>
public sealed record VideoDuplicate(IReadOnlyList<string> Videos, IReadOnlyList<string> Labels, IReadOnlyList<string> Splits)
{
    /// <summary>Whether the files contradict each other by their labels.</summary>
    public bool HasSeveralLabels => Labels.Count > 1;

    /// <summary>Whether a file to test or validate on is one to train on, too: results on it are too good.</summary>
    public bool IsLeak => Splits.Count > 1;
}
