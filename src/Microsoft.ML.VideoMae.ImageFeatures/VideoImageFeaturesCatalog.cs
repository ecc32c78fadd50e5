// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace Microsoft.ML;

/// <summary>The extension methods of <see cref="MLContext"/>'s catalogs for image features of videos.</summary>
public static class VideoImageFeaturesCatalog
{
    /// <summary>Describes each video by what ResNet-18 sees in some of its frames, for a linear trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of features.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <param name="numberOfFrames">The number of frames, spread evenly over the video.</param>
    /// <param name="cells">Whether each frame is one image, or is cut into four.</param>
    /// <returns>An estimator that needs no training. Its features are a vector of 1024 numbers, or of 4096 with cells.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty, or a number is not above 0.</exception>
    /// <exception cref="InvalidOperationException">The network is not beside the application.</exception>
    public static VideoImageFeaturizingEstimator FeaturizeVideoImages(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = "Video", int numberOfFrames = 8, FrameCells cells = FrameCells.None) =>
        catalog.FeaturizeVideoImages(new VideoImageFeaturizingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            NumFrames = numberOfFrames,
            Cells = cells,
        });

    /// <summary>Describes each video by what ResNet-18 sees in some of its frames, for a linear trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="InvalidOperationException">The network is not beside the application.</exception>
    public static VideoImageFeaturizingEstimator FeaturizeVideoImages(
        this TransformsCatalog catalog, VideoImageFeaturizingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);
}
