// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>Something that is to be told of a live video, in order.</summary>
/// <param name="Start">Where it starts, in seconds from the first frame of all.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Window">The window, where it is one that can be scored.</param>
internal sealed record LivePart(double Start, double End, LivePartKind Kind, MLVideo? Window = null)
{
    /// <summary>Whether it is the last of a piece without gaps.</summary>
    public bool IsLast { get; init; }

    /// <summary>Its frames are not needed any more.</summary>
    public void Release() => Window?.Range?.Held?.Release();
}

/// <summary>What a part of a live video is.</summary>
internal enum LivePartKind
{
    /// <summary>A window.</summary>
    Window,

    /// <summary>A window that was left out, because the model was too slow.</summary>
    LeftOut,

    /// <summary>Nothing was received.</summary>
    Gap,
}

/// <summary>
/// Cuts windows of frames as they arrive: the same ones as <see cref="WindowGrid"/> gives over a file with these frames. It keeps the
/// frames of a window, and no more.
/// </summary>
/// <param name="grid">The windows.</param>
/// <param name="source">What windows are parts of.</param>
/// <param name="origin">When the first frame was shown, in seconds from the first frame of all.</param>
internal sealed class WindowCutter(WindowGrid grid, WindowSource source, double origin)
{
    private const double UnknownRate = 25;

    private readonly List<LiveFrame> _frames = [];
    private int _windows;
    private int _count;
    private double _last;

    /// <summary>Where the last frame ends, in seconds from the first frame of all.</summary>
    public double End => origin + _last + (1 / Rate);

    private double Rate => _count > 1 && _last > 0 ? (_count - 1) / _last : UnknownRate;

    /// <summary>Whether a frame comes so late that windows would lie in the gap before it.</summary>
    /// <param name="frame">A frame that was not added.</param>
    public bool IsAfterGap(LiveFrame frame) => _count > 0 && frame.Time - _last > grid.Length + 1e-3;

    /// <summary>Adds a frame, whose time counts from the first one here; gives the windows that are complete with it.</summary>
    public IEnumerable<LivePart> Add(LiveFrame frame)
    {
        double slack = 0.001 / Rate;
        for (double start; (start = _windows * grid.Stride) + grid.Length <= frame.Time + slack; _windows++)
        {
            LivePart? window = Cut(start, start + grid.Length);
            Forget(start - slack);      // the last window of all may begin anywhere after this one
            if (window is not null)
                yield return window;
        }

        _frames.Add(frame);
        CheckBytes(frame);
        (_last, _count) = (frame.Time, _count + 1);
    }

    /// <summary>No frame follows; gives the windows that are left, the last of which ends with the frames.</summary>
    public IEnumerable<LivePart> Finish()
    {
        double duration = End - origin;
        int count = _count == 0 ? 0 : grid.Count(duration);
        for (; _windows < count; _windows++)
        {
            double start = Math.Max(0, Math.Min(_windows * grid.Stride, duration - grid.Length));
            LivePart? window = Cut(start, Math.Min(duration, start + grid.Length));
            if (window is not null)
                yield return window with { IsLast = _windows == count - 1 };
        }

        Forget(double.PositiveInfinity);
    }

    private LivePart? Cut(double start, double end)
    {
        double slack = 0.001 / Rate;
        LiveFrame[] frames = [.. _frames.Where(f => f.Time >= start - slack && f.Time < end - slack)];
        if (frames.Length == 0)
            return null;
        foreach (LiveFrame frame in frames)
            frame.Hold();
        double[] times = [.. frames.Select(f => f.Time)];
        var held = new HeldFrames(frames, new FrameTimeline(times, Rate));
        var range = new VideoWindow(source, origin + start, origin + end) { Held = held };
        return new LivePart(origin + start, origin + end, LivePartKind.Window, MLVideo.CreateWindow(range));
    }

    private void CheckBytes(LiveFrame frame)
    {
        long bytes = (long)_frames.Count * frame.Pixels.Length, most = VideoReadOptions.Default.MaxBytes;
        if (bytes > most)
        {
            throw new VideoReadException(source.Video.Name, VideoReadError.TooLarge, FormattableString.Invariant(
                $"{_frames.Count} frames of {frame.Width}x{frame.Height} are in a window of {grid.Length:0.##} s, and take more than ") +
                $"{most} bytes. Shrink them with {nameof(LiveVideo)}.{nameof(LiveVideo.MaxShortSide)}, or take shorter windows.");
        }
    }

    private void Forget(double before)
    {
        int old = _frames.TakeWhile(f => f.Time < before).Count();
        foreach (LiveFrame frame in _frames.Take(old))
            frame.Release();
        _frames.RemoveRange(0, old);
    }
}
