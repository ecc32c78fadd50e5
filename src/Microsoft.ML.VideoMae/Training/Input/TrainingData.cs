// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The clips of a run, and which of them cannot be read.</summary>
internal sealed class TrainingData
{
    /// <param name="context">Makes errors.</param>
    /// <param name="training">The clips to train on.</param>
    /// <param name="validation">The clips to validate on; may be empty.</param>
    /// <param name="recipe">What happens to clips that cannot be read.</param>
    public TrainingData(IExceptionContext context, IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation, FineTuningRecipe recipe)
    {
        Training = training;
        Validation = validation;
        Skipped = new SkippedClips(context, "training", training, recipe.Options.OnVideoError, recipe.Options.MaxSkippedShare);
        SkippedValidation = new SkippedClips(context, "validation", validation, recipe.Options.OnVideoError, recipe.Options.MaxSkippedShare);
    }

    public IReadOnlyList<ClipExample> Training { get; }

    public IReadOnlyList<ClipExample> Validation { get; }

    public SkippedClips Skipped { get; }

    public SkippedClips SkippedValidation { get; }

    public bool HasValidation => Validation.Count > 0;

    /// <summary>The targets of some training clips.</summary>
    public float[] Targets(IEnumerable<int> indices) => [.. indices.Select(i => Training[i].Target)];
}
