// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The clips of a run, and which of them cannot be read.</summary>
/// <param name="context">Makes errors.</param>
/// <param name="training">The clips to train on.</param>
/// <param name="validation">The clips to validate on; may be empty.</param>
/// <param name="recipe">What happens to clips that cannot be read.</param>
internal sealed class TrainingData(
    IExceptionContext context, IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation, TrainingRecipe recipe)
{
    public IReadOnlyList<ClipExample> Training => training;

    public IReadOnlyList<ClipExample> Validation => validation;

    public SkippedClips Skipped { get; } =
        new(context, "training", training, recipe.Shared.OnVideoError, recipe.Shared.MaxSkippedFraction);

    public SkippedClips SkippedValidation { get; } =
        new(context, recipe.ValidationName, validation, recipe.Shared.OnVideoError, recipe.Shared.MaxSkippedFraction);

    public bool HasValidation => validation.Count > 0;

    /// <summary>The training clips that can be read and have a target.</summary>
    public int[] Labelled => [.. Skipped.Remaining().Where(i => !float.IsNaN(training[i].Target))];

    /// <summary>The targets of some training clips.</summary>
    public float[] Targets(IEnumerable<int> indices) => [.. indices.Select(i => training[i].Target)];
}
