// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Writes the arguments of ffmpeg.</summary>
internal static class FFmpegArguments
{
    /// <summary>Frames as images that tell their own size.</summary>
    private static readonly string[] s_images = ["-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe"];

    /// <summary>The arguments of a run that writes frames as PPM images to standard output.</summary>
    /// <param name="input">The video.</param>
    /// <param name="filter">The filter chain, or null.</param>
    /// <param name="frames">After how many frames to stop, or null.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Ends the look at ffmpeg's version.</param>
    public static List<string> Frames(FFmpegInput input, string? filter, int? frames, VideoReadOptions options,
        CancellationToken cancellationToken)
    {
        // "verbose" tells the format of the frames whenever that changes; the other messages of this level are dropped.
        List<string> arguments = Open(input, options, "level+verbose");
        if (filter is not null)
            arguments.AddRange(["-vf", filter]);
        if (frames is int count)
            arguments.AddRange(["-frames:v", count.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(FFmpegTool.EveryFrameOnce(cancellationToken));
        arguments.AddRange([.. s_images, "pipe:1"]);
        return arguments;
    }

    /// <summary>The arguments of a run that starts inside the clip; times stay the file's own.</summary>
    public static List<string> Sought(FFmpegInput input, SeekStretch stretch, VideoReadOptions options, CancellationToken cancellationToken)
    {
        List<string> arguments =
            Frames(input, FrameFilter.Chain(stretch.Select, options), stretch.Frames.Length, options, cancellationToken);
        arguments.Insert(0, "-copyts");
        if (stretch.Start is double start)
            arguments.InsertRange(arguments.IndexOf("-i"), ["-ss", start.ToString("F6", CultureInfo.InvariantCulture)]);
        return arguments;
    }

    /// <summary>The arguments of a run over several clips, each of which goes to an output of its own.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="outputs">Where their frames go.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Ends the look at ffmpeg's version.</param>
    public static List<string> Together(
        IReadOnlyList<SharedClip> clips, IReadOnlyList<string> outputs, VideoReadOptions options, CancellationToken cancellationToken)
    {
        // Threads of their own would cost each input and output more than they do.
        List<string> arguments = ["-hide_banner", "-v", "level+verbose", "-nostats", "-nostdin", "-y", "-filter_threads", "1"];
        foreach (SharedClip clip in clips)
            arguments.AddRange([.. Input("file:" + clip.Video.Path, options)]);
        for (int i = 0; i < clips.Count; i++)
        {
            arguments.AddRange(["-map", Invariant($"{i}:V:0")]);
            if (FrameFilter.Chain(clips[i].Select, options, Invariant($"scale@c{i}")) is string filter)
                arguments.AddRange(["-vf", filter]);
            arguments.AddRange(FFmpegTool.EveryFrameOnce(cancellationToken));
            arguments.AddRange(["-threads", "1", "-fs", Invariant($"{clips[i].LimitBytes}"), .. s_images, outputs[i]]);
        }

        return arguments;
    }

    /// <summary>The arguments of a run that decodes everything and writes only how many frames there were.</summary>
    public static List<string> Count(FFmpegInput input, VideoReadOptions options, CancellationToken cancellationToken)
        => [.. Open(input, options, "level+error"), .. FFmpegTool.EveryFrameOnce(cancellationToken), "-progress", "pipe:1", "-f", "null",
            "-"];

    /// <summary>
    /// The largest picture ffmpeg may allocate. Codecs round sizes up to whole blocks, so a
    /// margin is left; frames are checked again when they come out.
    /// </summary>
    public static string MaxPixels(VideoReadOptions options)
        => (options.MaxFramePixels + (options.MaxFramePixels / 8L) + (128 * 1024)).ToString(CultureInfo.InvariantCulture);

    /// <summary>The options that go before "-i": what ffmpeg may open, and nothing else.</summary>
    public static IEnumerable<string> Restrictions =>
    [
        "-protocol_whitelist", AllowedFormats.Protocols,
        "-format_whitelist", AllowedFormats.Demuxers,
    ];

    private static List<string> Open(FFmpegInput input, VideoReadOptions options, string messages)
    {
        List<string> arguments = ["-hide_banner", "-v", messages, "-nostats"];
        if (input.IsSeekable)
            arguments.Add("-nostdin");
        arguments.AddRange(Input(input.Url, options));

        // 'V' passes over cover pictures, which 'v' would take for a video.
        arguments.AddRange(["-map", "0:V:0"]);
        return arguments;
    }

    private static IEnumerable<string> Input(string url, VideoReadOptions options) =>
    [
        .. Restrictions, "-threads", Invariant($"{options.DecoderThreads}"), "-max_pixels", MaxPixels(options),
        .. options.ApplyRotation ? (string[])[] : ["-noautorotate"], "-i", url,
    ];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>What ffmpeg may open.</summary>
/// <remarks>
/// Formats that point at other files or at the network are not listed: hls, dash, concat, image2, sdp, rtsp, lavfi, tee, vapoursynth, ...
/// A file that turns out to be one of these is refused whatever its name says.
/// </remarks>
internal static class AllowedFormats
{
    public const string Protocols = "file,pipe";

    public const string Demuxers =
        "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h261,h263,h264,hevc,vvc,av1,obu,ivf,vc1,dirac,mjpeg,"
        + "flv,asf,ogg,gif,apng,dv,mxf,nut,rm,wtv,yuv4mpegpipe,"
        + "wav,mp3,aac,flac";    // sound alone: opened to say that there is no video in it
}
