// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using Microsoft.ML.VideoMae;

namespace MotionClips;

/// <summary>Writes frames to an H.264 file with ffmpeg.</summary>
public static class Mp4Writer
{
    /// <param name="frames">The frames; 16 of them last a second.</param>
    /// <param name="path">The .mp4 file to write.</param>
    /// <exception cref="IOException">ffmpeg could not write it.</exception>
    public static void Write(VideoFrames frames, string path)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{frames.Width}x{frames.Height}", "-r", "16", "-i",
            "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p", "-threads", "1", path,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process ffmpeg = Process.Start(start)!;
        using (Stream input = ffmpeg.StandardInput.BaseStream)
            input.Write(frames.Pixels.Span);
        string errors = ffmpeg.StandardError.ReadToEnd();
        ffmpeg.WaitForExit();
        if (ffmpeg.ExitCode != 0)
            throw new IOException($"ffmpeg could not write '{path}': {errors}");
    }
}
