// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Groups the rows by what their videos look like.</summary>
/// <param name="context">What all trials share.</param>
internal sealed class RowGrouping(ExperimentContext context)
{
    private const int Folds = 5;

    /// <summary>Groups them, and says so.</summary>
    /// <param name="pictures">The features of <see cref="VideoExperimentCandidate.Pixels"/>; null for rows that cannot be read.</param>
    public void GroupAll(IReadOnlyList<float[]?> pictures)
    {
        SceneGroups.Found found = Group(pictures);
        context.Channel.Info(found.Count == 0
            ? "No groups were given, and no two videos look alike: each is a group of its own."
            : $"No groups were given. {found.Names.Count(n => n is not null)} of {context.Rows.Count} videos look like another, and make " +
              $"{found.Count} groups ({found.Kind}). A group stays in one fold.");
    }

    /// <summary>Groups them.</summary>
    /// <param name="pictures">As above; null also for rows that were not looked at.</param>
    public SceneGroups.Found Group(IReadOnlyList<float[]?> pictures)
    {
        var size = new VideoPixelFeaturizingEstimator.Options();
        SceneGroups.Found found = SceneGroups.Find(pictures, size.ImageHeight, size.ImageWidth, context.Rows.Task.Strata, Folds);
        context.Rows.GroupBy(found.Names);
        return found;
    }
}
