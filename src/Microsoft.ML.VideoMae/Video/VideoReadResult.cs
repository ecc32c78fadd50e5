// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Runtime.ExceptionServices;

namespace Microsoft.ML.VideoMae;

/// <summary>What reading one of many videos gave: its frames, or why it cannot be read.</summary>
public sealed class VideoReadResult
{
    private readonly VideoFrames? _frames;

    internal VideoReadResult(MLVideo video, VideoFrames? frames, VideoReadException? error)
    {
        Video = video;
        _frames = frames;
        Error = error;
    }

    /// <summary>The video.</summary>
    public MLVideo Video { get; }

    /// <summary>Why the video cannot be read; null if it was.</summary>
    public VideoReadException? Error { get; }

    /// <summary>The frames.</summary>
    /// <exception cref="VideoReadException">The video cannot be read: <see cref="Error"/> is not null.</exception>
    public VideoFrames Frames
    {
        get
        {
            if (Error is not null)
                ExceptionDispatchInfo.Throw(Error);
            return _frames!;
        }
    }
}
