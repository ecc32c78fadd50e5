// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>The runs of ffmpeg over one video.</summary>
internal sealed class FFmpegRun
{
    public FFmpegRun(FFmpegInput input, VideoReadOptions options, CancellationToken cancellationToken)
    {
        Input = input;
        Options = options;
        CancellationToken = cancellationToken;
    }

    public FFmpegInput Input { get; }

    public VideoReadOptions Options { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>Decodes the whole clip and keeps the frames the request chooses once their number is known.</summary>
    /// <param name="request">The request.</param>
    /// <param name="budget">The most bytes to hold; beyond it a request for all frames fails, any other gives null.</param>
    /// <param name="decoded">How many frames there are.</param>
    public VideoFrames? ReadWhole(FrameRequest request, long budget, out int decoded)
    {
        decoded = 0;
        int? limit = request.IsAll ? Options.MaxFrames + 1 : null;
        using ChildProcess process = Start(FrameFilter.Chain(null, Options), limit);
        var ppm = new PpmStream(process.Output);
        if (!ppm.TryReadHeader())
            throw Failure(process);
        (int width, int height) = (ppm.Width, ppm.Height);
        FrameLimits.CheckFrame(Input.Video, width, height, Options);
        using var blocks = new FrameBlocks((int)ppm.Size);
        do
        {
            if (ppm.Width != width || ppm.Height != height)
                throw SizeChanged(width, height, ppm);
            if (blocks.Bytes + ppm.Size > budget)
            {
                if (request.IsAll)
                    FrameLimits.CheckBytes(Input.Video, blocks.Count + 1, width, height, Options);
                return null;
            }

            if (!ppm.TryReadPixels(blocks.Add()))
                blocks.RemoveLast();
        }
        while (ppm.TryReadHeader());

        Finish(process);
        decoded = blocks.Count;
        return Pick(request, blocks, width, height);
    }

    /// <summary>Decodes given frames; null if the clip ends before the last of them.</summary>
    public VideoFrames? ReadChosen(int[] wanted)
    {
        var assembler = new FrameAssembler(Input.Video, wanted, Options);
        int[] distinct = assembler.Distinct;
        string? select = FrameFilter.Select(distinct);
        int frames = select is null ? distinct[^1] + 1 : distinct.Length;
        using ChildProcess process = Start(FrameFilter.Chain(select, Options), frames);
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
            return assembler.ToFrames();
        int exitCode = Finish(process);
        if (received == 0 && exitCode != 0)
            throw Failure(process);
        return null;
    }

    /// <summary>Decodes the stretches of a plan; null if a frame does not come out or the decoder complains, as where key frames are not what they claim to be.</summary>
    public VideoFrames? ReadSought(SeekPlan plan, int[] wanted)
    {
        var assembler = new FrameAssembler(Input.Video, wanted, Options);
        foreach (SeekStretch stretch in plan.Stretches)
        {
            List<string> arguments = FFmpegArguments.Sought(Input, stretch, Options, CancellationToken);
            using var process = new ChildProcess(FFmpegTool.FFmpeg, arguments, Input.PipedBytes, CancellationToken);
            bool isComplete = ReadStretch(process, stretch, assembler);
            CancellationToken.ThrowIfCancellationRequested();
            if (!isComplete)
                return null;
            Finish(process);
            if (process.ErrorLines().Count > 0)
                return null;
        }

        return assembler.ToFrames();
    }

    /// <summary>Decodes everything and keeps nothing but the number of frames, at least 1.</summary>
    public int CountFrames()
    {
        using ChildProcess process = new(FFmpegTool.FFmpeg, FFmpegArguments.Count(Input, Options, CancellationToken), Input.PipedBytes, CancellationToken);
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

    private static bool ReadStretch(ChildProcess process, SeekStretch stretch, FrameAssembler assembler)
    {
        var ppm = new PpmStream(process.Output);
        foreach (int frame in stretch.Frames)
        {
            if (!ppm.TryReadHeader() || frame != assembler.NextFrame || !ppm.TryReadPixels(assembler.Begin(ppm.Width, ppm.Height)))
                return false;
            assembler.Complete();
        }

        return true;
    }

    private ChildProcess Start(string? filter, int? frames)
    {
        List<string> arguments = FFmpegArguments.Frames(Input, filter, frames, Options, CancellationToken);
        return new ChildProcess(FFmpegTool.FFmpeg, arguments, Input.PipedBytes, CancellationToken);
    }

    private VideoFrames Pick(FrameRequest request, FrameBlocks blocks, int width, int height)
    {
        if (blocks.Count == 0)
            throw new VideoReadException(Input.Video.Name, VideoReadError.Damaged, "not one whole frame could be decoded. Copy or download it again.");
        var assembler = new FrameAssembler(Input.Video, request.Choose(new FrameTimeline(blocks.Count)), Options);
        while (!assembler.IsComplete)
        {
            blocks.Frame(assembler.NextFrame).CopyTo(assembler.Begin(width, height));
            assembler.Complete();
        }

        return assembler.ToFrames();
    }

    /// <summary>Waits for the end of a run whose output was read to its end. Messages of a run that gave frames are the file's blemishes.</summary>
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

    private VideoReadException SizeChanged(int width, int height, PpmStream ppm) => new(Input.Video.Name, VideoReadError.Damaged,
        $"its frames change size from {width}x{height} to {ppm.Width}x{ppm.Height}. All frames of a clip must have one size; convert the file.");
}
