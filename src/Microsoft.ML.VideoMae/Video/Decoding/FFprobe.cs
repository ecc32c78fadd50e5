// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

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
            "-v", "level+error", .. FFmpegInput.Restrictions, "-max_pixels", FFmpegArguments.MaxPixels(options),
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
