// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>How well a model does on a validation set.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of correct clips; null for regression.</param>
/// <param name="MacroAccuracy">The mean over the classes present of their shares of correct clips; null for regression.</param>
/// <param name="Confusion">For each true class, how many clips were taken for each class; null where there are no classes, or many.</param>
internal sealed record ValidationResult(
    double Loss, double? Accuracy = null, double? MacroAccuracy = null, IReadOnlyList<IReadOnlyList<int>>? Confusion = null)
{
    /// <summary>Whether this is better than another result by a metric; where that is equal, the lower loss wins.</summary>
    public bool IsBetterThan(ValidationResult? other, ValidationMetric metric)
    {
        if (other is null)
            return true;
        double? own = Value(metric), others = other.Value(metric);
        return own == others ? Loss < other.Loss : own > others;
    }

    private double? Value(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Accuracy => Accuracy,
        ValidationMetric.MacroAccuracy => MacroAccuracy,
        _ => -Loss,
    };
}
