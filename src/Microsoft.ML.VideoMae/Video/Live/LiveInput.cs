// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>What ffmpeg is told of a live input: its name, what it may open for it, and how.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Url">What follows "-i".</param>
/// <param name="Protocols">The protocols that ffmpeg may open.</param>
/// <param name="Demuxers">The formats that it may read.</param>
/// <param name="Options">What else stands before "-i".</param>
internal sealed partial record LiveInput(string Name, string Url, string Protocols, string Demuxers, IReadOnlyList<string> Options)
{
    /// <summary>
    /// What may be opened for a stream of each scheme, and nothing else. Files are not among it: a hostile server must not have one read.
    /// Nor is what points elsewhere: playlists of any kind.
    /// </summary>
    private static readonly (string Scheme, string Protocols, string Demuxers)[] s_schemes =
    [
        ("rtsp", "rtsp,rtp,tcp,udp", "rtsp"),
        ("rtsps", "rtsp,rtp,tcp,udp,tls", "rtsp"),
        ("rtmp", "rtmp,tcp", "flv,live_flv"),
        ("rtmps", "rtmps,tls,tcp", "flv,live_flv"),
        ("http", "http,tcp", AllowedFormats.Demuxers + ",mpjpeg"),
        ("https", "https,tls,tcp", AllowedFormats.Demuxers + ",mpjpeg"),
        ("srt", "srt", "mpegts,matroska,webm"),
        ("tcp", "tcp", "mpegts,matroska,webm,flv,nut,h264,hevc,mjpeg,mpjpeg"),
        ("udp", "udp", "mpegts,h264,hevc,mjpeg"),
    ];

    /// <summary>Raw frames; null for all else.</summary>
    public Stream? Frames { get; private init; }

    /// <summary>The frame rate, where it was said.</summary>
    public double? FramesPerSecond { get; private init; }

    /// <summary>Whether the input has a time of its own, so that it can break off and come back.</summary>
    public bool CanReturn => Frames is null;

    public static bool IsUrl(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is > 0 and int end && Scheme().IsMatch(text[..end]);

    public static bool IsDevice(string text) => Device().IsMatch(text);

    public static LiveInput OfUrl(string url)
    {
        ArgumentException.ThrowIfNullOrEmpty(url);
        string schemes = string.Join(", ", s_schemes.Select(s => s.Scheme));
        if (!IsUrl(url) || url.EndsWith("://", StringComparison.Ordinal))
            throw new ArgumentException($"'{Masked(url)}' is not the URL of a stream. Give one such as rtsp://camera/stream.", nameof(url));
        string named = url[..url.IndexOf("://", StringComparison.Ordinal)].ToLowerInvariant();
        (string scheme, string protocols, string demuxers) = s_schemes.FirstOrDefault(s => s.Scheme == named);
        if (scheme is null)
            throw new ArgumentException($"'{Masked(url)}' has the scheme '{named}'; streams of {schemes} are read.", nameof(url));

        // Over TCP, pictures come whole or not at all.
        string[] options = scheme is "rtsp" or "rtsps" ? ["-rtsp_flags", "prefer_tcp"] : [];
        return new LiveInput(Masked(url), url, protocols, demuxers, options);
    }

    public static LiveInput OfDevice(string path, int? width, int? height, double? framesPerSecond, string? format)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!IsDevice(path))
            throw new ArgumentException($"'{path}' is no video device; give one such as /dev/video0.", nameof(path));
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"'{path}' is read by Video4Linux, and this is no Linux. Give raw frames, or a " +
                "stream of the network.");
        }

        if (width is null != height is null)
            throw new ArgumentException("Give width and height of a camera's frames, or none of them.", nameof(height));
        List<string> options = ["-f", "v4l2"];
        if (format is not null)
            options.AddRange(["-input_format", NameOf(format, nameof(format))]);
        if (width is not null)
            options.AddRange(["-video_size", Size(width.Value, height!.Value)]);
        if (framesPerSecond is not null)
            options.AddRange(["-framerate", Rate(framesPerSecond.Value)]);
        return new LiveInput(path, path, "file", "video4linux2,v4l2", options) { FramesPerSecond = framesPerSecond };
    }

    public static LiveInput OfRawFrames(Stream stream, int width, int height, double framesPerSecond, string pixelFormat, string name) =>
        new(name, "pipe:0", "pipe", "rawvideo",
        [
            "-f", "rawvideo", "-pixel_format", NameOf(pixelFormat, nameof(pixelFormat)), "-video_size", Size(width, height),
            "-framerate", Rate(framesPerSecond),
        ])
        {
            Frames = stream,
            FramesPerSecond = framesPerSecond,
        };

    /// <summary>The arguments of a run that writes frames as PPM images, and says of each when it is shown.</summary>
    /// <param name="maxShortSide">The shorter side of frames; null leaves them alone.</param>
    /// <param name="everyFrameOnce">How this version is told not to repeat frames.</param>
    public List<string> Arguments(int? maxShortSide, IEnumerable<string> everyFrameOnce)
    {
        VideoReadOptions options = VideoReadOptions.Default with { MaxShortSide = maxShortSide };
        List<string> arguments = ["-hide_banner", "-v", "level+info", "-nostats"];
        if (Frames is null)
            arguments.Add("-nostdin");      // the terminal is not ffmpeg's
        arguments.AddRange(["-protocol_whitelist", Protocols, "-format_whitelist", Demuxers, "-threads", "1", "-max_pixels",
            FFmpegArguments.MaxPixels(options)]);
        arguments.AddRange(Options);
        string scale = FrameFilter.Chain(null, options)!;
        arguments.AddRange(["-i", Url, "-map", "0:V:0", "-vf", $"{scale},showinfo=checksum=0"]);
        arguments.AddRange(everyFrameOnce);
        arguments.AddRange(["-c:v", "ppm", "-pix_fmt", "rgb24", "-flush_packets", "1", "-f", "image2pipe", "pipe:1"]);
        return arguments;
    }

    /// <summary>A message of ffmpeg's without what a URL may keep secret.</summary>
    public string Mask(string message) => message.Replace(Url, Name, StringComparison.Ordinal);

    private static string Masked(string url)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal), host = scheme < 0 ? 0 : scheme + 3;
        int query = url.IndexOf('?', StringComparison.Ordinal);
        string plain = query < 0 ? url : url[..query];
        int path = plain.IndexOf('/', Math.Min(plain.Length, host)), user = plain.LastIndexOf('@', path < 0 ? plain.Length - 1 : path);
        return user < host ? plain : plain[..host] + plain[(user + 1)..];
    }

    private static string NameOf(string text, string parameter) => FormatName().IsMatch(text)
        ? text
        : throw new ArgumentException($"'{text}' is no name of a format of pixels; give one of ffmpeg's, such as rgb24.", parameter);

    private static string Size(int width, int height) => width > 0 && height > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{width}x{height}")
        : throw new ArgumentOutOfRangeException(nameof(width), $"{width}x{height}", "Frames have a width and a height of at least 1.");

    private static string Rate(double rate) => double.IsFinite(rate) && rate > 0
        ? rate.ToString("0.######", CultureInfo.InvariantCulture)
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A frame rate is finite and more than 0.");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]+$")]
    private static partial Regex Scheme();

    [GeneratedRegex("^/dev/(video[0-9]+|v4l/by-(id|path)/[A-Za-z0-9_.:+-]+)$")]
    private static partial Regex Device();

    [GeneratedRegex("^[a-z0-9_]+$")]
    private static partial Regex FormatName();
}
