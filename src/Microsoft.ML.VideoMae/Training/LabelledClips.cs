// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The clips that a trainer was given, and what their labels mean.</summary>
/// <param name="Rows">The training clips; a share that is kept for validation is among them.</param>
/// <param name="Validation">The clips of a validation set; empty without one.</param>
/// <param name="Outputs">The names of the model's outputs.</param>
/// <param name="Classes">The names of the classes; empty where targets are numbers.</param>
/// <param name="Schema">The schema of the training data.</param>
internal sealed record LabelledClips(
    IReadOnlyList<ClipExample> Rows, List<ClipExample> Validation, IReadOnlyList<string> Outputs, IReadOnlyList<string> Classes,
    DataViewSchema Schema);
