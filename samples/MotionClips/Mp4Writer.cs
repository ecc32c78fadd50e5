// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae;

namespace MotionClips;

/// <summary>Writes frames to H.264 files with ffmpeg. One run writes many: its start costs nine times what a small clip does.</summary>
public static class Mp4Writer
{
    /// <summary>So many files are best written by one run.</summary>
    public const int FilesPerRun = 16;

    /// <summary>Writes one file.</summary>
    /// <param name="frames">The frames; 16 of them last a second.</param>
    /// <param name="path">The .mp4 file to write.</param>
    /// <exception cref="IOException">ffmpeg could not write it.</exception>
    public static void Write(VideoFrames frames, string path) => Write([(frames, path)]);

    /// <summary>Writes files in one run of ffmpeg. Each is the same, byte by byte, as if it were written alone.</summary>
    /// <param name="clips">Frames, all of one size, and the .mp4 files to write.</param>
    /// <exception cref="ArgumentException">There are no clips, or their frames differ in size.</exception>
    /// <exception cref="IOException">ffmpeg could not write them.</exception>
    public static void Write(IReadOnlyList<(VideoFrames Frames, string Path)> clips)
    {
        if (clips.Select(clip => (clip.Frames.Width, clip.Frames.Height)).Distinct().Count() != 1)
            throw new ArgumentException("One run of ffmpeg writes clips of one size; group them by size.", nameof(clips));
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (string argument in Arguments(clips))
            start.ArgumentList.Add(argument);
        using Process ffmpeg = Process.Start(start)!;
        try
        {
            using Stream input = ffmpeg.StandardInput.BaseStream;
            foreach ((VideoFrames frames, _) in clips)
                input.Write(frames.Pixels.Span);
        }
        catch (IOException)
        {
            // It ended early, and says below why.
        }

        string errors = ffmpeg.StandardError.ReadToEnd();
        ffmpeg.WaitForExit();
        if (ffmpeg.ExitCode != 0)
            throw new IOException($"ffmpeg could not write '{string.Join("', '", clips.Select(clip => clip.Path))}': {errors}");
    }

    /// <summary>The frames of all clips are one input, and each output takes its part.</summary>
    private static IEnumerable<string> Arguments(IReadOnlyList<(VideoFrames Frames, string Path)> clips)
    {
        VideoFrames size = clips[0].Frames;
        var arguments = new List<string>
        {
            "-loglevel", "error", "-y", "-filter_threads", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{size.Width}x{size.Height}",
            "-r", "16", "-i", "-",
        };
        int first = 0;
        foreach ((VideoFrames frames, string path) in clips)
        {
            int end = first + frames.Count;
            arguments.AddRange(["-vf", $"trim=start_frame={first}:end_frame={end},setpts=PTS-STARTPTS"]);
            arguments.AddRange(["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p", "-threads", "1", path]);
            first = end;
        }

        return arguments;
    }
}
