// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Timelines;

/// <summary>How long a window is where nobody says it.</summary>
internal static class DefaultWindow
{
    private const double Seconds = 2;

    /// <summary>The length of the training clips, or else a guess, which is said.</summary>
    /// <param name="steps">The steps of the model.</param>
    /// <param name="note">Gets a sentence about a guess.</param>
    public static TimeSpan Of(IReadOnlyList<ITransformer> steps, Action<string>? note)
    {
        double? trained = steps.OfType<VideoMaeScoringTransformer>().Select(s => s.ModelCard?.ClipSeconds).FirstOrDefault(s => s > 0);
        if (trained is double seconds)
            return TimeSpan.FromSeconds(Math.Round(seconds, 2));
        note?.Invoke(FormattableString.Invariant(
            $"The model does not say how long its training clips were: windows of {Seconds} s are taken. Give another length if they were not."));
        return TimeSpan.FromSeconds(Seconds);
    }
}
