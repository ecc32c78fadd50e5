// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>A clip of <see cref="GeneratedVideos"/>, and how what is seen in it moves.</summary>
public sealed class GeneratedClip
{
    internal GeneratedClip(VideoFrames frames, float[] displacement) => (Frames, Displacement) = (frames, displacement);

    /// <summary>The frames.</summary>
    public VideoFrames Frames { get; }

    /// <summary>
    /// The mean displacement to the next frame of what is seen in each cell of 4 frames and 4x4 pixels, [T / 4, H / 4, W / 4, 2]: pixels to
    /// the right, and pixels down.
    /// </summary>
    public ReadOnlyMemory<float> Displacement { get; }
}
