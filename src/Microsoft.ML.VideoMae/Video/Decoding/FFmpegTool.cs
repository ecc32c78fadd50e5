// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Finds the ffmpeg and ffprobe programs and what their version understands.</summary>
internal static class FFmpegTool
{
    /// <summary>The environment variable that names the folder of ffmpeg and ffprobe, if they are not on the PATH.</summary>
    public const string FolderVariable = "VIDEOMAE_FFMPEG";

    private static readonly ConcurrentDictionary<string, bool> s_hasFpsMode = new(StringComparer.Ordinal);

    public static string FFmpeg => Find("ffmpeg");

    public static string FFprobe => Find("ffprobe");

    /// <summary>The arguments that deliver every decoded frame once, whatever its time: ffmpeg renamed the option in 5.1.</summary>
    public static string[] EveryFrameOnce(CancellationToken cancellationToken)
        => s_hasFpsMode.GetOrAdd(FFmpeg, path => HasFpsMode(path, cancellationToken))
            ? ["-fps_mode", "passthrough"]
            : ["-vsync", "passthrough"];

    /// <summary>Reads "ffmpeg version 5.1.9-0+deb12u1 ..."; builds from git ("N-12345-g...") are new.</summary>
    internal static bool IsAtLeast51(string banner)
    {
        string[] words = banner.Split(' ', 4);
        string version = words.Length > 2 ? words[2].TrimStart('n') : "";
        string[] parts = version.Split('.', '-', '+');
        if (!int.TryParse(parts[0], out int major))
            return true;
        int minor = parts.Length > 1 && int.TryParse(parts[1], out int m) ? m : 0;
        return major > 5 || (major == 5 && minor >= 1);
    }

    private static bool HasFpsMode(string path, CancellationToken cancellationToken)
    {
        using var run = new ChildProcess(path, ["-version"], default, cancellationToken);
        using var reader = new StreamReader(run.Output);
        string banner = reader.ReadToEnd();
        run.WaitForExit();
        return IsAtLeast51(banner);
    }

    private static string Find(string name)
    {
        string program = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string folders = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? folder
            : Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (string candidate in folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(candidate, program);
            if (File.Exists(path))
                return path;
        }

        throw new FFmpegMissingException(
            $"it needs FFmpeg, and no '{program}' was found in {(folders.Length == 0 ? "the (empty) PATH" : folders)}. "
            + "Install it (Debian/Ubuntu: apt-get install ffmpeg; Fedora: dnf install ffmpeg-free; macOS: brew " +
            "install ffmpeg; Windows: winget install ffmpeg), "
            + $"or set the environment variable {FolderVariable} to the folder that holds ffmpeg and ffprobe.");
    }
}

/// <summary>
/// FFmpeg is not installed, or cannot be started. Becomes a <see cref="VideoReadException"/> as soon as the video's name is known.
/// </summary>
internal sealed class FFmpegMissingException(string message, Exception? inner = null) : Exception(message, inner);
