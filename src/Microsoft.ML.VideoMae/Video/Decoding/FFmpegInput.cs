// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>A video as ffmpeg's input: its path, or bytes over a pipe, or bytes in a temporary file that goes away on disposal.</summary>
internal sealed class FFmpegInput : IDisposable
{
    private readonly string? _temporaryFile;

    /// <summary>Prepares a video.</summary>
    /// <param name="video">The video.</param>
    /// <param name="temporaryFolder">Where a temporary file goes; null for the system's folder.</param>
    /// <exception cref="VideoReadException">No temporary file can be written.</exception>
    public FFmpegInput(MLVideo video, string? temporaryFolder = null)
    {
        Video = video;
        if (video.Path is not null)
        {
            Url = "file:" + video.Path;
            Length = RegularFile.Of(video.Path).Length;
        }
        else if (Pipeable.IsPipeable(video.Bytes.Span))
        {
            Url = "pipe:0";
            Length = video.Bytes.Length;
            PipedBytes = video.Bytes;
        }
        else
        {
            _temporaryFile = TemporaryFile.Write(video, temporaryFolder);
            Url = "file:" + _temporaryFile;
            Length = video.Bytes.Length;
        }
    }

    public MLVideo Video { get; }

    /// <summary>What follows "-i". The protocol is spelled out, so that no path is taken for another protocol or an option.</summary>
    public string Url { get; }

    /// <summary>The number of encoded bytes.</summary>
    public long Length { get; }

    /// <summary>What goes to ffmpeg's standard input.</summary>
    public ReadOnlyMemory<byte> PipedBytes { get; }

    /// <summary>True if ffmpeg can jump about in the input.</summary>
    public bool IsSeekable => PipedBytes.IsEmpty;

    /// <summary>The options that go before "-i": what ffmpeg may open, and nothing else.</summary>
    public static IEnumerable<string> Restrictions =>
    [
        "-protocol_whitelist", AllowedFormats.Protocols,
        "-format_whitelist", AllowedFormats.Demuxers,
    ];

    public void Dispose()
    {
        if (_temporaryFile is not null)
            File.Delete(_temporaryFile);
    }
}
