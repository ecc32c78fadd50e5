// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>One run of ffmpeg over several small clips: its start costs more than the decoding of one of them.</summary>
/// <remarks>
/// Each clip is an input with its own restrictions and one thread, and an output that goes to a file in memory. A clip is taken only if all
/// is as it should be; the others are read alone, by the rules and with the messages that this has.
/// </remarks>
internal static class SharedRun
{
    /// <summary>The most clips of a run.</summary>
    public const int MaxClips = 16;

    /// <summary>The most pixels that the clips of a run decode, about a second and a half, except where one clip has more.</summary>
    public const double MaxWork = 128e6;

    /// <summary>The frames of the clips; null for each that is to be read alone.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="options">Limits, and what is done to frames.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static VideoFrames?[] Decode(IReadOnlyList<SharedClip> clips, VideoReadOptions options, CancellationToken cancellationToken)
    {
        var frames = new VideoFrames?[clips.Count];
        MemoryFile?[] files = [.. clips.Select(_ => MemoryFile.TryCreate())];
        try
        {
            string[] outputs = [.. files.OfType<MemoryFile>().Select(file => file.Url)];
            if (outputs.Length < clips.Count)
                return frames;
            var log = new SharedLog(clips.Count);
            int exitCode = Run(FFmpegArguments.Together(clips, outputs, options, cancellationToken), log, cancellationToken);
            for (int i = 0; i < clips.Count && exitCode == 0; i++)
                frames[i] = Take(clips[i], files[i]!, log.Of(i), options);
            return frames;
        }
        finally
        {
            foreach (MemoryFile? file in files)
                file?.Dispose();
        }
    }

    private static int Run(IEnumerable<string> arguments, SharedLog log, CancellationToken cancellationToken)
    {
        using var process = new ChildProcess(FFmpegTool.FFmpeg, arguments, default, cancellationToken, log.Add);
        process.Output.CopyTo(Stream.Null);
        int exitCode = process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        process.ErrorLines();   // waits for the last message
        return exitCode;
    }

    private static VideoFrames? Take(SharedClip clip, MemoryFile file, SharedLog.Clip log, VideoReadOptions options)
    {
        if (log.Formats.Builds != 1 || log.Formats.DescribeChange(options.ApplyPixelAspectRatio) is not null
            || file.Length >= clip.LimitBytes)
            return null;
        try
        {
            return clip.Read(file.OpenRead(), log.Decoded, options);
        }
        catch (Exception e) when (e is VideoReadException or InvalidDataException || VideoReader.ErrorOf(e) is not null)
        {
            return null;    // told when the clip is read alone
        }
    }
}

/// <summary>What a run over several clips tells of each.</summary>
/// <param name="clips">The number of clips.</param>
internal sealed partial class SharedLog(int clips)
{
    private readonly Clip[] _clips = [.. Enumerable.Range(0, clips).Select(_ => new Clip())];

    /// <summary>What is told of one clip.</summary>
    internal sealed class Clip
    {
        public FormatLog Formats { get; } = new();

        /// <summary>How many frames were decoded; -1 if that was not told.</summary>
        public int Decoded { get; set; } = -1;
    }

    public Clip Of(int clip) => _clips[clip];

    /// <summary>Takes note of a message.</summary>
    /// <param name="line">
    /// Such as "[graph 3 input from stream 3:0 @ 0x5] [verbose] w:64 ...", "[scale@c3 @ 0x5] [verbose] w:64 ...", or
    /// "[verbose]   Input stream #3:0 (video): 30 packets read (999 bytes); 30 frames decoded; ".
    /// </param>
    public void Add(string line)
    {
        if (Format().Match(line) is { Success: true } format && Find(format) is Clip told)
            told.Formats.Add(line);
        else if (Count().Match(line) is { Success: true } count && Find(count) is Clip counted
            && int.TryParse(count.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int decoded))
            counted.Decoded = Math.Max(counted.Decoded, decoded);
    }

    private Clip? Find(Match match)
        => int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int clip) && clip < _clips.Length
            ? _clips[clip]
            : null;

    [GeneratedRegex(@"^\[(?:graph \d+ input from stream (?<1>\d+):|scale@c(?<1>\d+) @ )")]
    private static partial Regex Format();

    [GeneratedRegex(@"Input stream #(\d+):\d+ \(video\): .* (\d+) frames decoded")]
    private static partial Regex Count();
}
