// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>How the frames of a stream are stored.</summary>
/// <param name="Width">The width in pixels, before anything is done to the frames.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="PixelFormat">Such as "yuv420p".</param>
/// <param name="PixelAspect">The shape of a pixel, such as "4/3"; "1/1" where the stream says nothing.</param>
internal readonly partial record struct StreamFormat(int Width, int Height, string PixelFormat, string PixelAspect)
{
    /// <summary>
    /// Reads the line that ffmpeg logs whenever it builds its filters: for the first frame, and for the first frame of another format.
    /// </summary>
    /// <param name="line">
    /// Such as "[graph 0 input from stream 0:0 @ 0x5] [verbose] w:64 h:48 pixfmt:yuv420p tb:1/90000 fr:25/1 sar:1/1".
    /// </param>
    public static StreamFormat? TryParseSource(string line)
    {
        Match match = Source().Match(line);
        return match.Success ? new StreamFormat(Number(match, 1), Number(match, 2), match.Groups[3].Value, Aspect(match, 4)) : null;
    }

    /// <summary>
    /// Reads the shape of the pixels that come into our scaling filter, which tells when that changes: ffmpeg's source does not.
    /// </summary>
    /// <param name="line">
    /// Such as "[Parsed_scale_1 @ 0x5] [verbose] w:64 h:48 fmt:yuv420p sar:2/1 -> w:128 h:48 fmt:rgb24 sar:1/1 flags:0x0".
    /// </param>
    public static string? TryParseScaledAspect(string line)
    {
        Match match = Scaled().Match(line);
        return match.Success ? Aspect(match, 1) : null;
    }

    /// <summary>Such as "64x48 yuv420p".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height} {PixelFormat}")
        + (PixelAspect == "1/1" ? "" : $" with pixels of {PixelAspect.Replace('/', ':')}");

    private static int Number(Match match, int group)
        => int.TryParse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture, out int value) ? value : 0;

    private static string Aspect(Match match, int group)
        => match.Groups[group].Value is string text && !text.StartsWith("0/", StringComparison.Ordinal) ? text : "1/1";

    [GeneratedRegex(@"\] w:(\d+) h:(\d+) pixfmt:(\S+) tb:.* sar:(\d+/\d+)")]
    private static partial Regex Source();

    [GeneratedRegex(@"^\[(?:Parsed_scale_|scale@).*\] w:\d+ h:\d+ fmt:.* sar:(\d+/\d+) -> ")]
    private static partial Regex Scaled();
}

/// <summary>The formats that the frames of one run of ffmpeg had, as its messages tell.</summary>
/// <remarks>
/// Joined files and recordings of browsers change size or pixel format on the way. ffmpeg then builds its filters anew, scales what
/// comes out to the first size, and counts frames from 0 again.
/// </remarks>
internal sealed class FormatLog
{
    private const int Kept = 4;

    private readonly List<StreamFormat> _formats = [];
    private string? _scaledAspect;

    /// <summary>How often ffmpeg built its filters.</summary>
    public int Builds { get; private set; }

    /// <summary>The first formats, in the order of the stream.</summary>
    public IReadOnlyList<StreamFormat> Formats => _formats;

    public void Add(string line)
    {
        if (StreamFormat.TryParseSource(line) is StreamFormat format)
        {
            Builds++;
            _scaledAspect = null;
            Keep(format);
        }
        else if (_formats.Count > 0 && StreamFormat.TryParseScaledAspect(line) is string aspect)
        {
            // The first of them may be upside down, where the frame was turned before.
            if (_scaledAspect is not null && aspect != _scaledAspect)
                Keep(_formats[^1] with { PixelAspect = aspect });
            _scaledAspect = aspect;
        }
    }

    /// <summary>A sentence for users if the format changes; null if it does not.</summary>
    /// <param name="squares">Whether pixels are made square: otherwise their shape does not matter.</param>
    public string? DescribeChange(bool squares)
    {
        string[] texts = [.. _formats.Select(f => (squares ? f : f with { PixelAspect = "1/1" }).ToString()).Distinct()];
        if (Builds < 2 && texts.Length < 2)
            return null;
        string what = texts.Length == 1 ? $"The rotation or the colours of the frames ({texts[0]}) change on the way"
            : $"The frames change on the way from {string.Join(" to ", texts)}{(_formats.Count == Kept ? " and so on" : "")}";
        return $"{what}; all are scaled to the size of the first.";
    }

    private void Keep(StreamFormat format)
    {
        if (_formats.Count < Kept)
            _formats.Add(format);
    }
}
