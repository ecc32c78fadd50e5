// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

/// <summary>While it lives, a script stands before ffmpeg and counts its runs and the files that they open.</summary>
internal sealed class CountedRuns : IDisposable
{
    private readonly string _folder = TestClips.NewFolder();
    private readonly string? _before = Environment.GetEnvironmentVariable(FFmpegTool.FolderVariable);

    public CountedRuns()
    {
        if (OperatingSystem.IsWindows())
            throw new AssertInconclusiveException("Runs of ffmpeg are counted by a shell script.");
        string real = FFmpegTool.FFmpeg, script = Path.Combine(_folder, "ffmpeg");
        string count = "n=0\nfor a; do [ \"$a\" = -i ] && n=$((n + 1)); done";
        File.WriteAllText(script, $"#!/bin/sh\n{count}\n[ $n -gt 0 ] && echo $n >> '{Log}'\nexec {real} \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, _folder);
    }

    /// <summary>How often ffmpeg has read files.</summary>
    public int Runs => Counts().Length;

    /// <summary>How many files it has opened.</summary>
    public int Files => Counts().Sum();

    private string Log => Path.Combine(_folder, "log");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, _before);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The files of each run.</summary>
    private int[] Counts() => File.Exists(Log) ? [.. File.ReadAllLines(Log).Select(int.Parse)] : [];
}
