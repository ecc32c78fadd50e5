// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Windows;

/// <summary>One run of ffmpeg along a video, and the last of the frames that it gave.</summary>
/// <param name="video">The video.</param>
/// <param name="options">What is done to frames, and limits.</param>
internal sealed class FrameLane(MLVideo video, VideoReadOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<byte[]> _frames = new();     // of one size, the oldest first
    private readonly Stack<byte[]> _free = new();       // frames that nobody wants any more: new ones would be megabytes each
    private FFmpegInput? _input;
    private ChildProcess? _process;
    private PpmStream? _ppm;
    private (int Width, int Height) _size;
    private volatile int _position;
    private volatile int _oldest;
    private volatile int _end = -1;

    /// <summary>What is done to frames.</summary>
    public VideoReadOptions Options => options;

    /// <summary>The next frame to come.</summary>
    public int Position => _position;

    /// <summary>The oldest frame that is there still.</summary>
    public int Oldest => _oldest;

    /// <summary>How many frames there are, once the end was reached; null before.</summary>
    public int? EndsAt => _end < 0 ? null : _end;

    /// <summary>Gives frames, and decodes up to the last of them; null if one is gone, or lies beyond the end.</summary>
    /// <param name="wanted">The frames, in the order of delivery, repeats allowed.</param>
    /// <param name="keep">Frames before this one are given up once the wanted ones were delivered.</param>
    /// <param name="memory">Memory for the frames; null makes some that may be kept.</param>
    /// <param name="cancellationToken">Ends the read, and with it the lane.</param>
    public VideoFrames? TryRead(int[] wanted, int keep, FrameMemory? memory, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var assembler = new FrameAssembler(video, wanted, options, memory);
            if (_stop.IsCancellationRequested || assembler.NextFrame < _oldest)
                return null;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            deadline.CancelAfter(options.Timeout);
            using CancellationTokenRegistration kill = deadline.Token.UnsafeRegister(static p => ((FrameLane)p!)._process?.Kill(), this);
            bool isComplete = Assemble(assembler, keep);
            if (deadline.IsCancellationRequested)
            {
                _stop.Cancel();
                cancellationToken.ThrowIfCancellationRequested();
                return null;    // stopped by its owner, or too slow: told when it is read alone
            }

            Forget(Math.Min(keep, _position));
            return isComplete ? assembler.ToFrames(Notes()) : null;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _process?.Kill();
        lock (_lock)
        {
            _process?.Dispose();
            _input?.Dispose();
            _frames.Clear();
            _free.Clear();
        }
    }

    private bool Assemble(FrameAssembler assembler, int keep)
    {
        while (!assembler.IsComplete)
        {
            int frame = assembler.NextFrame;
            if (frame < _position)
            {
                FrameAt(frame).CopyTo(assembler.Begin(_size.Width, _size.Height));
                assembler.Complete();
            }
            else if (!DecodeNext(Math.Min(frame, keep)))
            {
                return false;
            }
        }

        return true;
    }

    private ReadOnlySpan<byte> FrameAt(int frame)
    {
        int i = frame - _oldest;
        foreach (byte[] pixels in _frames)
        {
            if (i-- == 0)
                return pixels;
        }

        throw new InvalidOperationException($"Frame {frame} is not among those that are kept.");
    }

    /// <summary>Decodes a frame; false at the end.</summary>
    /// <param name="keep">Frames before this one are not wanted.</param>
    private bool DecodeNext(int keep)
    {
        if (_end >= 0 || !TryStart())
            return false;
        if (!_ppm!.TryReadHeader())
        {
            _end = _position;
            return false;
        }

        FrameLimits.CheckFrame(video, _ppm.Width, _ppm.Height, options);
        if (_position == 0)
            _size = (_ppm.Width, _ppm.Height);
        if ((_ppm.Width, _ppm.Height) != _size)
            return false;   // not ffmpeg, or not as it was asked: told when it is read alone
        Forget(Math.Min(keep, _position));
        long bytes = (_frames.Count + 1L) * _ppm.Size;
        if (bytes > options.MaxBytes && _frames.Count > 0)
            Forget(_oldest + 1);
        byte[] pixels = _free.TryPop(out byte[]? free) ? free : GC.AllocateUninitializedArray<byte>((int)_ppm.Size);
        if (!_ppm.TryReadPixels(pixels))
        {
            _end = _position;
            return false;
        }

        _frames.Enqueue(pixels);
        _position++;
        return true;
    }

    private void Forget(int before)
    {
        while (_oldest < before)
        {
            if (_frames.TryDequeue(out byte[]? pixels) && _free.Count < 2)
                _free.Push(pixels);
            _oldest++;
        }
    }

    private bool TryStart()
    {
        if (_ppm is not null)
            return true;
        try
        {
            _input = new FFmpegInput(video, options.TempFilePath);
            List<string> arguments = FFmpegArguments.Frames(_input, FrameFilter.Chain(null, options), null, options, _stop.Token);
            _process = new ChildProcess(FFmpegTool.FFmpeg, arguments, _input.PipedBytes, _stop.Token);
            _ppm = new PpmStream(_process.Output);
            return true;
        }
        catch (Exception e) when (e is FFmpegMissingException or IOException or VideoReadException or OperationCanceledException)
        {
            return false;   // told when it is read alone
        }
    }

    /// <summary>What is to be told of the frames can be said once ffmpeg has ended.</summary>
    private string Notes() => _end < 0 ? "" : _process?.Formats().DescribeChange(options.ApplyPixelAspectRatio) ?? "";
}
