// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Runs ffprobe: the first video stream's properties and its packets. Nothing is decoded beyond the first frames.</summary>
internal static class FFprobe
{
    private const string Entries =
        "format=format_name,duration:"
        + "stream=index,codec_name,width,height,pix_fmt,sample_aspect_ratio,r_frame_rate,avg_frame_rate,duration:"
        + "stream_side_data=rotation:stream_tags=rotate:stream_disposition=attached_pic:packet=stream_index,pts_time,flags";

    public static ProbeResult Run(FFmpegInput input, VideoReadOptions options, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-v", "level+error", .. FFmpegInput.Restrictions, "-max_pixels", FFmpegArguments.MaxPixels(options),
            "-select_streams", "V", "-show_entries", Entries, "-of", "compact", "-i", input.Url,
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
        if (exitCode != 0 && !parser.HasStream)
            throw FFmpegFailure.Explain(input.Video, run.ErrorLines(), exitCode);
        if (!parser.HasStream)
            throw FFmpegFailure.Explain(input.Video, [.. run.ErrorLines(), "The map '0:V:0' matches no streams."], exitCode);
        return parser.Finish(input.Video, options, run.ErrorLines(), exitCode);
    }
}
