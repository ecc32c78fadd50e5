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
