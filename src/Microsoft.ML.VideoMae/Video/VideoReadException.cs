// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>A video could not be read. The message names the video, says what was found, and what to do.</summary>
public sealed class VideoReadException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="video">The video's name: its path, or the name given to it.</param>
    /// <param name="error">The kind of failure.</param>
    /// <param name="found">What was found, and what to do about it, without the name.</param>
    /// <param name="innerException">What caused it, if an exception did.</param>
    public VideoReadException(string video, VideoReadError error, string found, Exception? innerException = null)
        : base($"Video '{video}' cannot be read: {found}", innerException)
    {
        Video = video;
        Error = error;
        Reason = found;
    }

    /// <summary>The video's name: its path, or the name given to it.</summary>
    public string Video { get; }

    /// <summary>The kind of failure.</summary>
    public VideoReadError Error { get; }

    /// <summary>What was found and what to do, without the video's name: for lists that have the name in a column of its own.</summary>
    public string Reason { get; }
}

/// <summary>Why a video could not be read.</summary>
public enum VideoReadError
{
    /// <summary>The file or folder does not exist, or may not be opened.</summary>
    MissingFile,

    /// <summary>The file has no bytes, or the folder no images.</summary>
    Empty,

    /// <summary>The content is not a video of any format that is read.</summary>
    NotAVideo,

    /// <summary>The file is fine but holds no video stream, such as a sound recording.</summary>
    NoVideoStream,

    /// <summary>The file is truncated or damaged so that no frame, or not the frame asked for, can be decoded.</summary>
    Damaged,

    /// <summary>Decoding took longer than <see cref="VideoReadOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>A limit on frame size, frame count or memory was exceeded.</summary>
    TooLarge,

    /// <summary>The format is refused for safety, such as a playlist that points at other files or at the network.</summary>
    Refused,

    /// <summary>The clip has fewer frames than were asked for.</summary>
    TooShort,

    /// <summary>The sampler needs times, and the clip has none.</summary>
    NoTimes,

    /// <summary>FFmpeg is needed and not installed.</summary>
    DecoderMissing,

    /// <summary>The decoder itself failed.</summary>
    DecoderFailed,

    /// <summary>The video is in memory, the decoder needs it as a file, and no temporary file can be written.</summary>
    NoTemporaryFile,
}
