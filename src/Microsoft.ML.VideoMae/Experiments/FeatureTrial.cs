// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Tries features of videos with a linear classifier on them.</summary>
/// <param name="context">What all trials share.</param>
/// <param name="candidate">The candidate.</param>
/// <param name="source">Computes its features.</param>
internal sealed class FeatureTrial(ExperimentContext context, VideoExperimentCandidate candidate, FeatureSource source)
{
    private IReadOnlyList<float[]?>? _all;

    /// <inheritdoc cref="FeatureSource.ClipsPerSecond"/>
    public double ClipsPerSecond => source.ClipsPerSecond;

    /// <summary>The features of every row; null where a video cannot be read. They are computed once.</summary>
    /// <exception cref="InvalidOperationException">More videos cannot be read than may be left out.</exception>
    public IReadOnlyList<float[]?> Features(CancellationToken stop)
    {
        if (_all is not null)
            return _all;
        IReadOnlyList<float[]?> all = Features([.. Enumerable.Range(0, context.Rows.Count)], stop);
        CheckReadable(all.Count(r => r is null));
        return _all = all;
    }

    /// <summary>The features of some rows, and null for all others.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="stop">Ends it.</param>
    public IReadOnlyList<float[]?> Features(int[] rows, CancellationToken stop) => source.Of(candidate, rows, stop);

    /// <summary>Scores it by cross-validation.</summary>
    public CandidateOutcome Run(CancellationToken stop) => Run(Features(stop), stop);

    /// <summary>Scores it by cross-validation.</summary>
    /// <param name="features">The features of the rows to learn from; null for all others.</param>
    /// <param name="stop">Ends it.</param>
    public CandidateOutcome Run(IReadOnlyList<float[]?> features, CancellationToken stop)
    {
        context.Report(candidate, VideoExperimentStage.Linear, 0, 1);
        var linear = new LinearModel(context.Rows, features, context.Seed);
        (float l2, OutOfFold scores) = linear.Search(stop);
        context.Report(candidate, VideoExperimentStage.Linear, 1, 1);
        return new CandidateOutcome(
            [candidate.Name], candidate.Description, string.Create(CultureInfo.InvariantCulture, $"L2 = {l2}"), scores,
            _ => [Build(linear, l2, scores.Sharpness)])
        {
            ClipsPerSecond = ClipsPerSecond,
            IsQuick = true,
            SeesFramesAlone = candidate.SeesFramesAlone,
            Encoder = candidate.Encoder,
        };
    }

    private ModelPart Build(LinearModel linear, float l2, float sharpness)
    {
        string column = ModelPart.FeaturesOf(candidate.Name);
        // In use a video that cannot be read is an error, whatever was done about it in training.
        return ModelPart.Of(context.Host, candidate.Name, sharpness,
            [FeatureSource.CreateFeaturizer(context, context.Host, candidate, VideoErrorPolicy.Throw), linear.Train(l2, column)], column);
    }

    private void CheckReadable(int unreadable)
    {
        double share = (double)unreadable / context.Rows.Count;
        if (share > context.Settings.MaxSkippedFraction)
        {
            throw context.Host.Except(string.Create(CultureInfo.InvariantCulture,
                $"{unreadable} of {context.Rows.Count} videos cannot be read, which is more than the share of " +
                $"{context.Settings.MaxSkippedFraction:0.##} that may be left out (MaxSkippedFraction). The warnings name them."));
        }

        if (unreadable > 0)
            context.Channel.Warning($"{unreadable} of {context.Rows.Count} videos are left out of '{candidate.Name}'.");
    }
}
