// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>The runs of ffmpeg over one video.</summary>
/// <param name="input">The video.</param>
/// <param name="options">What is done to frames, and limits.</param>
/// <param name="facts">What is known of the clip; what the runs find is added.</param>
/// <param name="cancellationToken">Ends the runs.</param>
internal sealed partial class FFmpegRun(
    FFmpegInput input, VideoReadOptions options, ClipFacts facts, CancellationToken cancellationToken)
{
    public FFmpegInput Input => input;

    public VideoReadOptions Options => options;

    public ClipFacts Facts => facts;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Decodes given frames; null if the clip ends before the last of them.</summary>
    /// <param name="wanted">The frames, in any order.</param>
    /// <param name="memory">Where the frames go; null for memory of their own.</param>
    public VideoFrames? ReadChosen(int[] wanted, FrameMemory? memory = null)
    {
        var assembler = new FrameAssembler(Input.Video, wanted, Options, memory);
        string? select = FrameFilter.Select(assembler.Distinct);
        if (!Facts.CountsAnew && select is not null)
        {
            VideoFrames? frames = ReadChosen(assembler, select);
            if (!Facts.CountsAnew)
                return frames;

            // ffmpeg gave other frames than those that were asked for.
            assembler = new FrameAssembler(Input.Video, wanted, Options, memory);
        }

        return ReadChosen(assembler, null);
    }

    /// <summary>Decodes everything and keeps nothing but the number of frames, at least 1.</summary>
    public int CountFrames()
    {
        using ChildProcess process =
            new(FFmpegTool.FFmpeg, FFmpegArguments.Count(Input, Options, CancellationToken), Input.PipedBytes, CancellationToken);
        int count = 0;
        using (var reader = new StreamReader(process.Output))
        {
            while (reader.ReadLine() is string line)
            {
                if (line.StartsWith("frame=", StringComparison.Ordinal))
                    count = int.Parse(line.AsSpan(6), CultureInfo.InvariantCulture);
            }
        }

        Finish(process);
        return count > 0 ? count : throw Failure(process);
    }

    /// <summary>Decodes given frames.</summary>
    /// <param name="assembler">Takes the frames.</param>
    /// <param name="select">The filter by which ffmpeg picks them; null takes every frame, and they are picked here.</param>
    private VideoFrames? ReadChosen(FrameAssembler assembler, string? select)
    {
        int[] distinct = assembler.Distinct;
        using ChildProcess process = Start(FrameFilter.Chain(select, Options), select is null ? distinct[^1] + 1 : distinct.Length);
        var ppm = new PpmStream(process.Output);
        int received = 0;
        for (; !assembler.IsComplete && ppm.TryReadHeader(); received++)
        {
            FrameLimits.CheckFrame(Input.Video, ppm.Width, ppm.Height, Options);
            int frame = select is null ? received : distinct[received];
            if (frame != assembler.NextFrame ? !ppm.TrySkipPixels() : !ppm.TryReadPixels(assembler.Begin(ppm.Width, ppm.Height)))
                break;
            if (frame == assembler.NextFrame)
                assembler.Complete();
        }

        if (assembler.IsComplete)
        {
            process.Stop();
            Learn(process);
            return Frames(assembler);
        }

        int exitCode = Finish(process);
        Learn(process);
        bool isMisled = select is not null && Facts.CountsAnew;
        return received == 0 && exitCode != 0 && !isMisled ? throw Failure(process) : null;
    }

    private ChildProcess Start(string? filter, int? frames)
    {
        List<string> arguments = FFmpegArguments.Frames(Input, filter, frames, Options, CancellationToken);
        return new ChildProcess(FFmpegTool.FFmpeg, arguments, Input.PipedBytes, CancellationToken);
    }

    /// <summary>Notes whether the format of the frames changed during a run that has ended.</summary>
    private void Learn(ChildProcess process)
    {
        FormatLog log = process.Formats();
        if (log.Builds > 1)
            Facts.CountsAnew = true;
        if (log.DescribeChange(Options.ApplyPixelAspectRatio) is string change)
            Facts.Change ??= change;
    }

    private VideoFrames Frames(FrameAssembler assembler) => assembler.ToFrames(Facts.Change ?? "");

    /// <summary>
    /// Waits for the end of a run whose output was read to its end. Messages of a run that gave frames are the file's blemishes.
    /// </summary>
    private int Finish(ChildProcess process)
    {
        int exitCode = process.WaitForExit();
        CancellationToken.ThrowIfCancellationRequested();
        return exitCode < 128 && exitCode >= 0 ? exitCode : throw FFmpegFailure.Explain(Input.Video, process.ErrorLines(), exitCode);
    }

    private VideoReadException Failure(ChildProcess process)
    {
        int exitCode = process.WaitForExit();
        CancellationToken.ThrowIfCancellationRequested();
        return FFmpegFailure.Explain(Input.Video, process.ErrorLines(), exitCode);
    }
}
