// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Recognises, from the first bytes, files that carry a video's name and are something else.</summary>
internal static class MediaSignature
{
    private const int HeadSize = 512;

    /// <summary>Throws if the video is missing, empty, a playlist, or text that is often found in place of a video.</summary>
    public static void Check(MLVideo video)
    {
        if (video.Path is not null && Directory.Exists(video.Path))
            return;
        Span<byte> head = stackalloc byte[HeadSize];
        head = head[..ReadHead(video, head)];
        if (head.IsEmpty)
            throw Empty(video);
        string text = Encoding.Latin1.GetString(head).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        bool Starts(string prefix) => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
        if (Starts("version https://git-lfs"))
            throw new VideoReadException(video.Name, VideoReadError.NotAVideo,
                "it is a Git LFS pointer, not the video itself. Run 'git lfs pull' where it came from.");
        if (Starts("#EXTM3U") || Starts("ffconcat") || (Starts("<") && text.Contains("<MPD", StringComparison.OrdinalIgnoreCase)))
            throw new VideoReadException(video.Name, VideoReadError.Refused,
                "it is a playlist that points at other files or at the network; these are not followed. Use the video it points at.");
        if (Starts("<!doctype html") || Starts("<html"))
            throw new VideoReadException(video.Name, VideoReadError.NotAVideo,
                "it is a web page, not a video: a failed download. Download it again.");
    }

    /// <summary>True if the first box is one an MP4 or MOV file begins with.</summary>
    public static bool IsMp4(MLVideo video)
    {
        Span<byte> head = stackalloc byte[8];
        return ReadHead(video, head) == head.Length
            && Encoding.Latin1.GetString(head[4..]) is "ftyp" or "moov" or "mdat" or "free" or "skip" or "wide" or "pnot";
    }

    private static VideoReadException Empty(MLVideo video) => new(video.Name, VideoReadError.Empty,
        $"{(video.Path is null ? null : RegularFile.Of(video.Path).Problem) ?? "it has no bytes."} Copy or download " +
        "it again; devices and named pipes are not read.");

    /// <summary>The first bytes of a video file or of a video in memory.</summary>
    public static int ReadHead(MLVideo video, Span<byte> head)
    {
        if (video.Path is null)
        {
            int length = Math.Min(head.Length, video.Bytes.Length);
            video.Bytes.Span[..length].CopyTo(head);
            return length;
        }

        try
        {
            RegularFile info = RegularFile.Of(video.Path);
            if (!info.Exists)
                throw new VideoReadException(video.Name, VideoReadError.MissingFile,
                    $"{info.Problem} Check the path; relative paths start at the current folder.");
            if (info.Length == 0)
                return 0;       // not opened: to open a named pipe would wait for ever
            using var file = new FileStream(video.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VideoReadException(video.Name, VideoReadError.MissingFile,
                $"the file cannot be opened ({e.Message}). Give this program the right to read it.", e);
        }
    }
}
