// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
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

    public void Dispose()
    {
        if (_temporaryFile is not null)
            File.Delete(_temporaryFile);
    }
}

/// <summary>Tells containers that can be read front to back from those whose index may be at the end.</summary>
internal static class Pipeable
{
    private const uint Matroska = 0x1A45DFA3;   // EBML header
    private const uint MpegProgram = 0x000001BA; // MPEG program stream, pack start code
    private const uint Moov = 0x6D6F6F76;
    private const uint Mdat = 0x6D646174;

    public static bool IsPipeable(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12)
            return false;
        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return first is Matroska or MpegProgram || IsTransportStream(bytes) || HasIndexFirst(bytes);
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> bytes)
        => bytes.Length > 376 && bytes[0] == 0x47 && bytes[188] == 0x47 && bytes[376] == 0x47;

    /// <summary>Walks the top-level boxes of an MP4 or MOV file: true if "moov" comes before "mdat".</summary>
    private static bool HasIndexFirst(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.Slice(4, 4).SequenceEqual("ftyp"u8))
            return false;
        long position = 0;
        while (position + 16 <= bytes.Length)
        {
            ReadOnlySpan<byte> box = bytes[(int)position..];
            long size = BinaryPrimitives.ReadUInt32BigEndian(box);
            uint type = BinaryPrimitives.ReadUInt32BigEndian(box[4..]);
            if (type is Moov or Mdat)
                return type == Moov;
            if (size == 1)
                size = BinaryPrimitives.ReadInt64BigEndian(box[8..]);
            if (size < 8 || size > bytes.Length)
                return false;
            position += size;
        }

        return false;
    }
}

/// <summary>Writes bytes that ffmpeg cannot read from a pipe to a file that only this user can read.</summary>
internal static class TemporaryFile
{
    /// <summary>Writes a video's bytes; whoever asked for the file deletes it.</summary>
    /// <param name="video">A video in memory.</param>
    /// <param name="folder">The folder, made if it is not there; null for the system's folder.</param>
    /// <returns>The path.</returns>
    /// <exception cref="VideoReadException">The file cannot be written.</exception>
    public static string Write(MLVideo video, string? folder)
    {
        folder = Path.GetFullPath(folder ?? Path.GetTempPath());
        string path = Path.Combine(folder, "videomae-" + Path.GetRandomFileName());
        try
        {
            Directory.CreateDirectory(folder);
            Write(path, video.Bytes.Span);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VideoReadException(video.Name, VideoReadError.NoTemporaryFile,
                $"ffmpeg reads its format from a file only, and none can be written in the folder '{folder}' ({e.Message}). "
                + $"Make room there, or name another folder in {nameof(VideoReadOptions)}.{nameof(VideoReadOptions.TempFilePath)}.", e);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new FileStream(path, options);
            file.Write(bytes);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
