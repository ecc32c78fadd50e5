// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Decoding;

internal sealed partial class FFmpegRun
{
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
