// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae;

namespace WatchStream;

/// <summary>Frames of one size that ffmpeg reads from anywhere, as they come.</summary>
internal sealed class FrameStream : IDisposable
{
    private readonly Process _ffmpeg;
    private readonly StringBuilder _errors = new();
    private readonly CancellationTokenRegistration _stop;

    /// <param name="source">A file, or ffmpeg's input options.</param>
    /// <param name="width">The width of a frame; what is wider is cut off at both sides, as the model's processor does it.</param>
    /// <param name="height">The height of a frame.</param>
    /// <param name="rate">The number of frames a second.</param>
    /// <param name="cancellation">Ends the stream.</param>
    public FrameStream(string[] source, int width, int height, double rate, CancellationToken cancellation)
    {
        (Width, Height) = (width, height);
        var start = new ProcessStartInfo("ffmpeg")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        string filter = string.Create(CultureInfo.InvariantCulture,
            $"fps={rate},scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height}");
        string[] input = source.Length == 1 ? ["-re", "-i", source[0]] : source;
        foreach (string argument in (string[])["-hide_banner", "-loglevel", "error", "-nostdin", .. input, "-an", "-vf", filter, "-f",
            "rawvideo", "-pix_fmt", "rgb24", "-"])
            start.ArgumentList.Add(argument);
        try
        {
            _ffmpeg = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"ffmpeg cannot be started: {e.Message}. Install it, for example with build/ensure-ffmpeg.sh.", e);
        }

        _ffmpeg.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _ffmpeg.BeginErrorReadLine();
        _stop = cancellation.Register(Kill);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>RGB bytes, [height, width, 3], and when they arrived (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    /// <exception cref="IOException">ffmpeg failed.</exception>
    public async IAsyncEnumerable<(byte[] Pixels, long Arrived)> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Stream pixels = _ffmpeg.StandardOutput.BaseStream;
        while (true)
        {
            var frame = new byte[Height * Width * VideoFrames.Channels];
            if (await pixels.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, cancellation) < frame.Length)
                break;
            yield return (frame, Stopwatch.GetTimestamp());
        }

        await _ffmpeg.WaitForExitAsync(cancellation);
        if (_ffmpeg.ExitCode != 0)
            throw new IOException($"ffmpeg ended the stream: {_errors.ToString().Trim()}");
    }

    public void Dispose()
    {
        _stop.Dispose();
        Kill();
        _ffmpeg.Dispose();
    }

    private void Kill()
    {
        if (!_ffmpeg.HasExited)
            _ffmpeg.Kill();
    }
}
