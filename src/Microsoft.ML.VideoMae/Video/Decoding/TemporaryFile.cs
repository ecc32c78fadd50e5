// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae.Decoding;

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
