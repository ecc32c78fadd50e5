// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>Receives a live video on a thread of its own, comes back where it breaks off, and cuts it to windows.</summary>
internal sealed class LiveWindows : IDisposable
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    /// <summary>Ctrl+C ends ffmpeg too, which may be seen before the key is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    /// <summary>A video that runs ahead of the clock by more than this, in seconds, is none of just now: it can wait.</summary>
    private const double Ahead = 0.5;

    private readonly LiveVideo _video;
    private readonly WindowGrid _grid;
    private readonly Action<string>? _note;
    private readonly CancellationTokenSource _stop;
    private readonly FramePool _pool = new();
    private readonly Stopwatch _clock = new();
    private readonly Thread _thread;

    /// <summary>Starts to receive.</summary>
    /// <param name="video">The video.</param>
    /// <param name="grid">The windows.</param>
    /// <param name="note">Is told what a user should know.</param>
    /// <param name="endOfVideo">Ends the video: what was received is there still.</param>
    public LiveWindows(LiveVideo video, WindowGrid grid, Action<string>? note, CancellationToken endOfVideo)
    {
        (_video, _grid, _note) = (video, grid, note);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(endOfVideo);
        Source = new WindowSource(MLVideo.CreateFromBytes(default, video.Name));   // a name for messages; windows have their frames
        Queue = new LiveQueue(note);
        _thread = new Thread(Receive) { IsBackground = true, Name = "live video" };
        _thread.Start();
    }

    /// <summary>What windows are parts of.</summary>
    public WindowSource Source { get; }

    /// <summary>The windows that have arrived.</summary>
    public LiveQueue Queue { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        Source.Dispose();
        _stop.Dispose();
    }

    private void Receive()
    {
        try
        {
            ReceiveAll();
            Queue.Complete();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Queue.Complete();
        }
        catch (FFmpegMissingException e)
        {
            Queue.Complete(new VideoReadException(_video.Name, VideoReadError.DecoderMissing, e.Message, e));
        }
        catch (Exception e)
        {
            Queue.Complete(e);      // whoever takes the windows gets it
        }
    }

    private void ReceiveAll()
    {
        double end = 0;
        int failures = 0;
        var outage = new Stopwatch();
        for (TimeSpan pause = _video.FirstPause; ;)
        {
            (bool hasFrames, bool isEnd, string why) = ReceiveOnce(ref end, outage);
            if (_stop.Token.WaitHandle.WaitOne(s_patience))
                return;
            if (hasFrames)
                (failures, pause) = (0, _video.FirstPause);
            if (hasFrames && (!_video.Input.CanReturn || (isEnd && _video.MaxReconnects == 0)))
            {
                if (!isEnd)
                    Note($"{_video.Name} ended after {end:0.#} s: {why}.");
                return;
            }

            if (!_clock.IsRunning)
                throw new VideoReadException(_video.Name, VideoReadError.NotAVideo, $"no frame came from it: {why}.");
            outage.Start();
            if (++failures > _video.MaxReconnects)
                throw new VideoReadException(_video.Name, VideoReadError.Damaged, GaveUp(end, outage.Elapsed, why));
            string next = FormattableString.Invariant($"Try {failures} of {_video.MaxReconnects} in {pause.TotalSeconds:0.##} s.");
            Note($"{_video.Name} broke off after {end:0.#} s: {why}. {next}");
            if (_stop.Token.WaitHandle.WaitOne(pause))
                return;
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private string GaveUp(double end, TimeSpan outage, string why) => _video.MaxReconnects == 0
        ? FormattableString.Invariant($"it broke off after {end:0.#} s: {why}. What came until then was scored.")
        : FormattableString.Invariant($"it broke off after {end:0.#} s and did not come back in {_video.MaxReconnects} tries over ") +
            FormattableString.Invariant($"{outage.TotalSeconds:0} s: {why}. What came until then was scored.");

    /// <summary>Receives until the video breaks off, or is ended.</summary>
    /// <param name="end">Where what was received ends, in seconds from the first frame of all.</param>
    /// <param name="outage">Runs while nothing comes.</param>
    private (bool HasFrames, bool IsEnd, string Why) ReceiveOnce(ref double end, Stopwatch outage)
    {
        WindowCutter? cutter = null;
        double origin = 0, shift = 0;
        using var connection = new LiveConnection(_video, _pool, _stop.Token);
        while (!_stop.IsCancellationRequested && connection.Next() is LiveFrame frame)
        {
            double received = frame.Time;
            if (cutter is null)
            {
                origin = OriginAfter(end, outage);
                cutter = new WindowCutter(_grid, Source, origin);
            }

            frame.Time = received - shift;
            if (cutter.IsAfterGap(frame))
            {
                AddRest(cutter);
                double next = origin + frame.Time;
                AddGap(cutter.End, next);
                (shift, origin) = (received, next);
                frame.Time = 0;
                cutter = new WindowCutter(_grid, Source, origin);
            }

            double now = origin + frame.Time;
            foreach (LivePart window in cutter.Add(frame))
                Queue.Add(window, () => now - _clock.Elapsed.TotalSeconds > Ahead, _stop.Token);
        }

        if (cutter is not null)
        {
            end = cutter.End;
            AddRest(cutter);
        }

        string why = _stop.IsCancellationRequested ? "" : connection.Why();
        return (cutter is not null, connection.IsEnd, why);
    }

    /// <summary>When the first frame of a connection was shown: as much later as the clock says, and after all that came before.</summary>
    private double OriginAfter(double end, Stopwatch outage)
    {
        if (!_clock.IsRunning)
        {
            _clock.Start();
            return 0;
        }

        double origin = Math.Max(end + 1e-3, _clock.Elapsed.TotalSeconds);
        Note($"{_video.Name} is back after {origin - end:0.#} s.");
        outage.Reset();
        AddGap(end, origin);
        return origin;
    }

    private void AddGap(double start, double end) =>
        Queue.Add(new LivePart(start, end, LivePartKind.Gap), static () => false, _stop.Token);

    /// <summary>While nothing comes there is time to wait.</summary>
    private void AddRest(WindowCutter cutter)
    {
        foreach (LivePart window in cutter.Finish())
            Queue.Add(window, static () => true, _stop.Token);
    }

    private void Note(FormattableString text) => _note?.Invoke(text.ToString(CultureInfo.InvariantCulture));
}
