// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// FFmpeg is not installed, or cannot be started. Becomes a <see cref="VideoReadException"/> as soon as the video's name is known.
/// </summary>
internal sealed class FFmpegMissingException : Exception
{
    public FFmpegMissingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
