// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Runs ffprobe: the first video stream's properties and its packets. Nothing is decoded beyond the first frames.</summary>
internal static class FFprobe
{
    private const string Entries =
        "format=format_name,duration,start_time:"
        + "stream=index,codec_name,width,height,pix_fmt,sample_aspect_ratio,avg_frame_rate,duration:stream_side_data=rotation:";

    private const string Packets = "packet=stream_index,pts_time,dts_time,flags";
    private const string Frames = "frame=stream_index,best_effort_timestamp_time,key_frame";

    public static ProbeResult Run(FFmpegInput input, VideoReadOptions options, CancellationToken cancellationToken)
    {
        ProbeResult result = Run(input, Packets, options, cancellationToken);

        // VP8 has packets that are never shown, and nothing but decoding tells which.
        return result.Metadata.Codec == "vp8" ? Run(input, Frames, options, cancellationToken) : result;
    }

    private static ProbeResult Run(FFmpegInput input, string index, VideoReadOptions options, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-v", "level+error", .. FFmpegArguments.Restrictions, "-max_pixels", FFmpegArguments.MaxPixels(options),
            "-select_streams", "V", "-show_entries", Entries + index, "-of", "compact", "-i", input.Url,
        ];
        using var run = new ChildProcess(FFmpegTool.FFprobe, arguments, input.PipedBytes, cancellationToken);
        var parser = new ProbeParser();
        using (var reader = new StreamReader(run.Output))
        {
            while (reader.ReadLine() is string line)
                parser.Add(line);
        }

        int exitCode = run.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        if (parser.HasStream)
            return parser.Finish(input.Video, options, run.ErrorLines(), exitCode);
        throw FFmpegFailure.Explain(input.Video, exitCode == 0 ? ["The map '0:V:0' matches no streams."] : run.ErrorLines(), exitCode);
    }
}

/// <summary>What ffprobe says about the first video stream of a file.</summary>
/// <param name="Metadata">The stream.</param>
/// <param name="Index">When the frames are shown, and where decoding can start.</param>
/// <param name="StartTime">The container's start in seconds, from which ffmpeg counts when it seeks.</param>
/// <param name="Format">How the first frames are stored.</param>
internal sealed record ProbeResult(VideoMetadata Metadata, PacketIndex Index, double StartTime, StreamFormat Format)
{
    /// <summary>The first frames of the clip for a sampler.</summary>
    /// <param name="count">How many frames there really are.</param>
    public FrameTimeline Timeline(int count)
    {
        if (Index.HasTimes && count <= Index.Count)
            return new FrameTimeline(Index.Times[..count], Metadata.FramesPerSecond);
        return new FrameTimeline(Math.Max(1, count), Metadata.FramesPerSecond);
    }
}
