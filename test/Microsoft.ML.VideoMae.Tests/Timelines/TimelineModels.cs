// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Tests.Timelines;

/// <summary>Models of several kinds that tell red from blue.</summary>
internal static class TimelineModels
{
    /// <summary>A linear classifier, which is trained in no time.</summary>
    public static ITransformer Features(MLContext ml) => Of(ml, "features");

    public static ITransformer Of(MLContext ml, string kind)
    {
        IDataView clips = TestClips.LoadFiles(ml);
        if (kind == "transformer")
            return TestClips.Pipeline(ml, TestClips.Options()).Fit(clips);
        EstimatorChain<VideoLoadingTransformer> videos = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"));
        if (kind == "features")
        {
            return videos.Append(ml.Transforms.FeaturizeVideoPixels("Features", "Video"))
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0.01f)).Fit(clips);
        }

        // An average of several models, each of which reads the windows.
        var keys = videos.Fit(clips);
        VideoExperimentResult found = ml.MulticlassClassification.CreateVideoExperiment(new VideoExperimentSettings
        {
            MaxExperimentTimeInSeconds = 60,
            Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.Motion],
        }).Execute(keys.Transform(clips));
        return found.BestRun.Model!;
    }
}
