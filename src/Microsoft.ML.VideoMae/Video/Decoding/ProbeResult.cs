// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>What ffprobe says about the first video stream of a file.</summary>
/// <param name="Metadata">The stream.</param>
/// <param name="Index">When the frames are shown, and where decoding can start.</param>
/// <param name="StartTime">The container's start in seconds, from which ffmpeg counts when it seeks.</param>
/// <param name="Format">How the first frames are stored.</param>
internal sealed record ProbeResult(VideoMetadata Metadata, PacketIndex Index, double StartTime, StreamFormat Format)
{
    /// <summary>The first frames of the clip for a sampler.</summary>
    /// <param name="count">How many frames there really are.</param>
    public FrameTimeline Timeline(int count)
    {
        if (Index.HasTimes && count <= Index.Count)
            return new FrameTimeline(Index.Times[..count], Metadata.FramesPerSecond);
        return new FrameTimeline(Math.Max(1, count), Metadata.FramesPerSecond);
    }
}
