// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Decoding;

internal sealed partial class FFmpegRun
{
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
        Learn(process);
        decoded = blocks.Count;
        return Pick(request, blocks, width, height);
    }

    private VideoFrames Pick(FrameRequest request, FrameBlocks blocks, int width, int height)
    {
        if (blocks.Count == 0)
            throw new VideoReadException(Input.Video.Name, VideoReadError.Damaged,
                "not one whole frame could be decoded. Copy or download it again.");
        var assembler = new FrameAssembler(Input.Video, request.Choose(new FrameTimeline(blocks.Count)), Options, request.Memory);
        while (!assembler.IsComplete)
        {
            blocks.Frame(assembler.NextFrame).CopyTo(assembler.Begin(width, height));
            assembler.Complete();
        }

        return Frames(assembler);
    }

    /// <summary>ffmpeg scales every frame to the size of the first, so this is not ffmpeg, or not as it was asked.</summary>
    private VideoReadException SizeChanged(int width, int height, PpmStream ppm) => new(Input.Video.Name, VideoReadError.Damaged,
        $"its frames change size from {width}x{height} to {ppm.Width}x{ppm.Height}. All frames of a " +
        "clip must have one size; convert the file.");

    /// <summary>
    /// Decodes the stretches of a plan; null if a frame does not come out, the decoder complains, as where key frames are not what they
    /// claim to be, or the frames have another format than the first of the clip: only a
    /// decoder that saw the first frame scales as it does.
    /// </summary>
    public VideoFrames? ReadSought(SeekPlan plan, int[] wanted, FrameMemory? memory = null)
    {
        var assembler = new FrameAssembler(Input.Video, wanted, Options, memory);
        foreach (SeekStretch stretch in plan.Stretches)
        {
            List<string> arguments = FFmpegArguments.Sought(Input, stretch, Options, CancellationToken);
            using var process = new ChildProcess(FFmpegTool.FFmpeg, arguments, Input.PipedBytes, CancellationToken);
            bool isComplete = ReadStretch(process, plan.Probe.Metadata, stretch, assembler);
            CancellationToken.ThrowIfCancellationRequested();
            if (!isComplete)
                return null;
            Finish(process);
            Learn(process);
            if (process.ErrorLines().Count > 0 || Facts.CountsAnew || !IsOf(plan.Probe.Format, process.Formats()))
                return null;
        }

        return Frames(assembler);
    }

    private static bool ReadStretch(ChildProcess process, VideoMetadata metadata, SeekStretch stretch, FrameAssembler assembler)
    {
        var ppm = new PpmStream(process.Output);
        foreach (int frame in stretch.Frames)
        {
            if (!ppm.TryReadHeader() || (ppm.Width, ppm.Height) != (metadata.Width, metadata.Height) || frame != assembler.NextFrame)
                return false;
            if (!ppm.TryReadPixels(assembler.Begin(ppm.Width, ppm.Height)))
                return false;
            assembler.Complete();
        }

        return true;
    }

    /// <summary>
    /// The shape of pixels is left out: ffprobe may know it from the container, and frames of another shape have another size.
    /// </summary>
    private static bool IsOf(StreamFormat first, FormatLog log)
        => log.Formats.Count == 0 || log.Formats[0] with { PixelAspect = first.PixelAspect } == first;
}
