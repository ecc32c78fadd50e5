// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>One run of ffmpeg that reads a live input, until that breaks off.</summary>
internal sealed partial class LiveConnection : IDisposable
{
    /// <summary>ffmpeg says when a frame is shown before it gives the frame; the two come by different pipes.</summary>
    private const int PatienceMilliseconds = 2000;

    private readonly LiveVideo _video;
    private readonly FramePool _pool;
    private readonly CancellationTokenSource _silence = new();
    private readonly CancellationTokenRegistration _kill;
    private readonly BlockingCollection<double> _times = [];
    private readonly ChildProcess _process;
    private readonly PpmStream _images;
    private double? _firstTime;
    private double _lastTime;
    private double _interval;

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="video">The input.</param>
    /// <param name="pool">Memory for frames.</param>
    /// <param name="stop">Ends it.</param>
    public LiveConnection(LiveVideo video, FramePool pool, CancellationToken stop)
    {
        (_video, _pool) = (video, pool);
        _interval = 1 / (video.Input.FramesPerSecond ?? 25);
        _process = new ChildProcess(FFmpegTool.FFmpeg, video.Input.Arguments(video.MaxShortSide, FFmpegTool.EveryFrameOnce(stop)), default,
            stop, ReadTime, video.Input.Frames);
        _images = new PpmStream(_process.Output);
        _kill = _silence.Token.UnsafeRegister(static p => ((LiveConnection)p!)._process.Kill(), this);
    }

    /// <summary>Whether the stream has ended in order, once no frame comes any more.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>The next frame; null once none comes any more.</summary>
    /// <exception cref="VideoReadException">Frames are larger than is allowed.</exception>
    public LiveFrame? Next()
    {
        if (_video.Input.CanReturn)
            _silence.CancelAfter(_video.Timeout);
        if (!TryReadHeader())
            return null;
        FrameLimits.CheckFrame(MLVideo.CreateFromBytes(default, _video.Name), _images.Width, _images.Height, VideoReadOptions.Default);
        var frame = new LiveFrame(_pool, _pool.Rent((int)_images.Size), _images.Width, _images.Height);
        if (!_images.TryReadPixels(frame.Pixels))
            return null;
        _silence.CancelAfter(Timeout.Infinite);     // whoever waits for the model does not wait for a frame
        frame.Time = TimeOfNext();
        return frame;
    }

    /// <summary>Says why no frame comes any more, without a full stop.</summary>
    public string Why()
    {
        if (_silence.IsCancellationRequested)
            return string.Create(CultureInfo.InvariantCulture, $"no frame came for {_video.Timeout.TotalSeconds:0.#} s");
        int code = _process.WaitForExit();
        string[] messages = [.. _process.ErrorLines().Select(line => Prefix().Replace(_video.Input.Mask(line), "").Trim().TrimEnd('.'))
            .Where(line => line.Length > 0).Distinct().TakeLast(2)];
        IsEnd = code == 0;
        return messages.Length > 0 ? $"ffmpeg says: {string.Join(" | ", messages)}"
            : code == 0 ? "the other side ended it"
            : string.Create(CultureInfo.InvariantCulture, $"ffmpeg ended with code {code}");
    }

    public void Dispose()
    {
        _silence.CancelAfter(Timeout.Infinite);
        _process.Kill();
        _process.Dispose();
        _kill.Dispose();
        _silence.Dispose();
        _times.Dispose();
    }

    private bool TryReadHeader()
    {
        try
        {
            return _images.TryReadHeader();
        }
        catch (InvalidDataException)
        {
            _process.Kill();    // cut off in the middle of a header
            return false;
        }
    }

    /// <summary>When the frame is shown, from the first one. Where that is not said, or goes back, it follows the one before.</summary>
    private double TimeOfNext()
    {
        if (!_times.TryTake(out double time, PatienceMilliseconds))
            time = double.NaN;
        bool isFirst = _firstTime is null;
        if (isFirst)
            _firstTime = double.IsNaN(time) ? 0 : time;
        double seconds = time - _firstTime!.Value;
        if (!isFirst && !(seconds > _lastTime))
        {
            // Times that begin anew go on from here.
            seconds = _lastTime + _interval;
            if (!double.IsNaN(time))
                _firstTime = time - seconds;
        }
        else if (!isFirst && seconds - _lastTime < 1)
        {
            _interval += ((seconds - _lastTime) - _interval) / 16;
        }

        return _lastTime = double.IsNaN(seconds) ? 0 : seconds;
    }

    /// <summary>Reads a line of ffmpeg's filter showinfo.</summary>
    private void ReadTime(string line)
    {
        if (ShownAt().Match(line) is { Success: true } match)
            _times.Add(double.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out double time) ? time : double.NaN);
    }

    [GeneratedRegex(@"^\[Parsed_showinfo_.*\] n: *\d+ pts:.* pts_time: *(\S+)")]
    private static partial Regex ShownAt();

    [GeneratedRegex(@"\[[^\]]*@ 0x[0-9a-fA-F]+\] ?|\[(fatal|error|warning|info|panic)\] ?")]
    private static partial Regex Prefix();
}
