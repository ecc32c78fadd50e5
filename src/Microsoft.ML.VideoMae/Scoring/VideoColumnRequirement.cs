// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>How messages describe the Video column that a trainer or transformer needs.</summary>
internal static class VideoColumnRequirement
{
    /// <summary>What stands after 'expected' in a schema mismatch.</summary>
    public const string Expected = "Video (mlContext.Transforms.LoadVideos makes such a column from paths)";
}
