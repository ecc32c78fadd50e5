// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What this package adds to a <see cref="VideoClassificationExperiment"/>.</summary>
public static class VideoImageCandidate
{
    /// <summary>
    /// What ResNet-18 sees in frames, with a linear classifier: good where classes differ in what kind of things are seen. Put it after
    /// pixels and motion in <see cref="VideoExperimentSettings.Candidates"/>: it takes longer.
    /// </summary>
    public static VideoExperimentCandidate ImageFeatures { get; } = VideoExperimentCandidate.FromFeatures(
        "image features", "what ResNet-18 sees in 8 frames, and a linear classifier",
        (catalog, output, input, policy) => catalog.FeaturizeVideoImages(new VideoImageFeaturizingEstimator.Options
        {
            OutputColumnName = output,
            InputColumnName = input,
            OnVideoError = policy,
        }),
        seesFramesAlone: true);
}
