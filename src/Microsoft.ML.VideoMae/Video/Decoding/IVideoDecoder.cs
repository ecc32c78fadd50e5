// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Turns one kind of video into frames. Implementations are safe to call from several threads.</summary>
/// <remarks>
/// What a decoder does: open the video, learn how many frames there are, ask <see cref="FrameRequest.Choose"/> which are wanted,
/// decode these, and wrap them in a <see cref="VideoFrames"/>. The reader has checked that the file exists and is not empty.
/// </remarks>
public interface IVideoDecoder
{
    /// <summary>
    /// Whether this decoder is the one for a video. A decoder may look at the path and the first bytes, but decodes nothing.
    /// </summary>
    /// <param name="video">The video: a path or bytes.</param>
    bool CanDecode(MLVideo video);

    /// <summary>Describes a video.</summary>
    /// <param name="video">The video.</param>
    /// <param name="options">Limits, and what is done to the frames.</param>
    /// <param name="cancellationToken">Ends the work early; the caller's wish and the time limit in one.</param>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken);

    /// <summary>Decodes frames.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">Which frames.</param>
    /// <param name="options">Limits, and what is done to the frames.</param>
    /// <param name="cancellationToken">Ends the work early; the caller's wish and the time limit in one.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or is beyond the limits.</exception>
    VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken);
}
