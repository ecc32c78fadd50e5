// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>What is known of a video stream without decoding all of it.</summary>
public sealed record VideoMetadata
{
    /// <summary>The number of frames. <see cref="IsFrameCountExact"/> says whether they were counted or promised by the file.</summary>
    public required int FrameCount { get; init; }

    /// <summary>
    /// True if <see cref="FrameCount"/> frames really were decoded; false if the file says so. Damaged files promise more than they hold.
    /// </summary>
    public bool IsFrameCountExact { get; init; }

    /// <summary>
    /// The width in pixels of the frames that are delivered: after rotation and after making pixels square, where these are on.
    /// </summary>
    public required int Width { get; init; }

    /// <summary>The height in pixels of the frames that are delivered.</summary>
    public required int Height { get; init; }

    /// <summary>The average number of frames a second; 0 if the format has no notion of time.</summary>
    public double FramesPerSecond { get; init; }

    /// <summary>The time from the first frame to the end of the last; zero if unknown.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The clockwise rotation, in degrees, that the file asks players to apply: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>The width of a pixel divided by its height; 1 for square pixels and where the file says nothing.</summary>
    public double PixelAspectRatio { get; init; } = 1;

    /// <summary>The codec's name, such as "h264".</summary>
    public string Codec { get; init; } = "";

    /// <summary>The container's name, such as "mov,mp4,m4a,3gp,3g2,mj2".</summary>
    public string Container { get; init; } = "";

    /// <summary>The stored pixel format, such as "yuv420p10le"; frames are delivered as 8-bit RGB whatever it is.</summary>
    public string PixelFormat { get; init; } = "";

    /// <summary>The number of video streams; the first is read and the others are ignored.</summary>
    public int VideoStreamCount { get; init; } = 1;

    /// <summary>
    /// What a user should be told once, such as which of several video streams is read. That the frames change size on the way is known
    /// once they were read (<see cref="VideoFrames.Notes"/>). Empty if there is nothing to tell.
    /// </summary>
    public string Notes { get; init; } = "";
}
