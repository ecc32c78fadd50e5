// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Timeline;

/// <summary>What is said of a live input on the command line. Such an input is opened only where it is named itself.</summary>
internal sealed class LiveOptions
{
    private const string StandardInput = "-";

    private readonly Option<string?> _size = new("--input-size")
    {
        Description = "The size of frames, such as 640x360: of raw frames, or one to ask a camera for.",
        HelpName = "WxH",
    };
    private readonly Option<double?> _rate = new("--input-rate")
    {
        Description = "The frames a second: of raw frames, or a rate to ask a camera for."
    };
    private readonly Option<string?> _format = new("--input-format")
    {
        Description = "FFmpeg's name of how pixels lie in raw frames (the default is rgb24), or of how a camera is to send them, " +
            "such as mjpeg."
    };
    private readonly Option<int?> _side = new("--input-short-side")
    {
        Description = "Shrinks the frames of a live input so that their shorter side has this many pixels; 0 shrinks none. " +
            "The default is 360."
    };
    private readonly Option<int?> _reconnect = new("--reconnect")
    {
        Description = "How often in a row it is tried to reach a stream or a camera again that broke off, with growing pauses. " +
            "With 0 the end of a stream is its end. The default is 10."
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_size, _rate, _format, _side, _reconnect])
            command.Options.Add(option);
    }

    /// <summary>The live input that the arguments name; null where they name files.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="arguments">What is to be looked at.</param>
    /// <param name="isWatching">Whether a folder is watched.</param>
    /// <exception cref="ArgumentException">Something does not fit together.</exception>
    public LiveVideo? Read(ParseResult result, string[] arguments, bool isWatching)
    {
        string? live = arguments.FirstOrDefault(LiveVideo.IsLive);
        if (live is null && arguments.Contains(StandardInput) && result.GetValue(_size) is not null)
            live = StandardInput;
        if (live is null)
        {
            Option[] all = [_size, _rate, _format, _side, _reconnect];
            Option? given = all.FirstOrDefault(o => result.GetResult(o) is { Implicit: false });
            return given is null ? null : throw new ArgumentException(
                $"{given.Name} is for a live input, and none was named: give a URL such as rtsp://camera/stream, a camera such as " +
                "/dev/video0, or - with --input-size for raw frames on the standard input.");
        }

        if (arguments.Length > 1 || isWatching)
            throw new ArgumentException($"'{live}' goes on until it is ended: give it alone, without other videos and without --watch.");
        LiveVideo video = Open(live, result);
        return video with
        {
            MaxShortSide = result.GetValue(_side) switch { null => video.MaxShortSide, 0 => null, int side => side },
            MaxReconnects = result.GetValue(_reconnect) ?? video.MaxReconnects,
        };
    }

    private LiveVideo Open(string live, ParseResult result)
    {
        (int Width, int Height)? size = SizeOf(result.GetValue(_size));
        double? rate = result.GetValue(_rate);
        string? format = result.GetValue(_format);
        if (live.StartsWith('/'))
            return LiveVideo.CreateFromDevice(live, size?.Width, size?.Height, rate, format);
        if (live != StandardInput)
        {
            return size is null && rate is null && format is null ? LiveVideo.CreateFromUrl(live) : throw new ArgumentException(
                "--input-size, --input-rate and --input-format are for cameras and raw frames; a stream says this itself.");
        }

        if (rate is null)
            throw new ArgumentException("Raw frames do not say how many there are in a second: give --input-rate, such as 25.");
        if (!Console.IsInputRedirected)
            throw new ArgumentException("Raw frames come through a pipe, and the standard input is a terminal.");
        return LiveVideo.CreateFromRawFrames(
            Console.OpenStandardInput(), size!.Value.Width, size.Value.Height, rate.Value, format ?? "rgb24", "standard input");
    }

    private static (int Width, int Height)? SizeOf(string? text)
    {
        if (text is null)
            return null;
        string[] parts = text.Split('x');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            ? (width, height)
            : throw new ArgumentException($"--input-size is '{text}'; it has to be a width and a height, such as 640x360.");
    }
}
