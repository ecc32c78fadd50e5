// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
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

    [GeneratedRegex(@"^\[Parsed_scale_.*\] w:\d+ h:\d+ fmt:.* sar:(\d+/\d+) -> ")]
    private static partial Regex Scaled();
}
