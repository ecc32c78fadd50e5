// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Turns ffmpeg's messages into an exception that says what is wrong with the file.</summary>
internal static partial class FFmpegFailure
{
    /// <summary>Explains a run of ffmpeg or ffprobe that gave no frames.</summary>
    /// <param name="video">The video.</param>
    /// <param name="lines">The program's messages.</param>
    /// <param name="exitCode">The program's exit code.</param>
    public static VideoReadException Explain(MLVideo video, IReadOnlyList<string> lines, int exitCode)
    {
        // Without the file's name: what a folder is called says nothing of what is wrong.
        string[] messages = [.. lines.Select(line => InputName().Replace(Prefix().Replace(line, ""), "").Trim())];
        (VideoReadError error, string found) = Classify(video, messages, exitCode);
        string detail = Detail(messages);
        return new VideoReadException(video.Name, error, detail.Length == 0 ? found : $"{found} FFmpeg says: {detail}");
    }

    private static (VideoReadError Error, string Found) Classify(MLVideo video, IReadOnlyList<string> lines, int exitCode)
    {
        bool Says(string text) => lines.Any(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));
        if (Says("not on whitelist"))
            return (VideoReadError.Refused, "its format is not one of those that are opened. Playlists and formats that point at other " +
                "files or at the network are refused; convert the file to MP4.");
        if (Says("matches no streams"))
            return (VideoReadError.NoVideoStream, "it holds no video stream (only sound, pictures or data). Remove it from the data set.");
        if (Says("exceeds specified max pixel count") || Says("Picture size"))
            return (VideoReadError.TooLarge, "its frames are larger than allowed or of no valid size. Shrink the video or raise " +
                $"{nameof(VideoReadOptions)}.{nameof(VideoReadOptions.MaxFramePixels)}.");
        if (Says("Permission denied"))
            return (VideoReadError.MissingFile, "the file may not be opened. Give this program the right to read it.");
        if (Says("moov atom not found") && MediaSignature.IsMp4(video))
            return (VideoReadError.Damaged, "it is truncated: the index ('moov') of the MP4 file is missing. Copy or download it again.");
        if (Says("Invalid data found when processing input") && !Says("decoding") && !Says("Cannot determine format"))
            return (VideoReadError.NotAVideo,
                "its content is not a video of any known format, or the beginning is damaged. Check the file in a player.");
        if (exitCode >= 128 || exitCode < 0)
            return (VideoReadError.DecoderFailed,
                $"the decoder ended abnormally (exit code {exitCode}). Convert the file, or remove it from the data set.");
        return (VideoReadError.Damaged,
            "it opens, but not one frame can be decoded. The file is damaged or has headers only; copy or download it again.");
    }

    /// <summary>The last two different messages.</summary>
    private static string Detail(IReadOnlyList<string> lines)
    {
        IEnumerable<string> messages = lines
            .Where(line => line.Length > 0 && !line.StartsWith("To ignore this", StringComparison.Ordinal))
            .Distinct()
            .TakeLast(2);
        return string.Join(" | ", messages);
    }

    /// <summary>The name that ffmpeg was given, possibly that of a temporary file; the exception names the video itself.</summary>
    [GeneratedRegex(@"^(file:.*|pipe:0): (?=[A-Z])", RegexOptions.Singleline)]
    private static partial Regex InputName();

    [GeneratedRegex(@"\[[^\]]*@ 0x[0-9a-fA-F]+\] ?|\[(fatal|error|warning|info|panic)\] ?")]
    private static partial Regex Prefix();
}
