// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>A program whose output is read through a pipe; killed when cancelled, disposed of, or when this process ends.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int PatienceMilliseconds = 300;

    private static readonly ConcurrentDictionary<ChildProcess, bool> s_alive = new();

    private readonly Process _process;
    private readonly Thread _errorThread;
    private readonly Thread? _inputThread;
    private readonly CancellationTokenRegistration _registration;
    private readonly ErrorLog _errors = new();
    private readonly Action<string>? _message;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    /// <summary>Starts a program.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, each passed as it is: no shell, no quoting.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="message">Gets every message, on a thread of its own.</param>
    /// <param name="stream">What it reads from its standard input, where that has no end that is known.</param>
    public ChildProcess(string path, IEnumerable<string> arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken,
        Action<string>? message = null, Stream? stream = null)
    {
        _message = message;
        cancellationToken.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove("FFREPORT");    // would write a log file into the current folder
        start.Environment["AV_LOG_FORCE_NOCOLOR"] = "1";

        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FFmpegMissingException($"'{path}' was found and cannot be started ({e.Message}). Install FFmpeg anew, or set " +
                $"{FFmpegTool.FolderVariable} to a folder with a working one.", e);
        }

        s_alive[this] = true;
        _registration = cancellationToken.UnsafeRegister(static p => ((ChildProcess)p!).Kill(), this);
        _errorThread = StartThread("stderr", ReadErrors);
        if (stream is not null)
            StartThread("stdin", () => Copy(stream));   // nobody joins it: it may wait for bytes that never come
        else if (input.IsEmpty)
            _process.StandardInput.Close();
        else
            _inputThread = StartThread("stdin", () => WriteInput(input));
    }

    /// <summary>The number of programs that run now.</summary>
    public static int AliveCount => s_alive.Count;

    /// <summary>What the program writes; ends when it ends.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>
    /// Waits for the end and returns the exit code. Read <see cref="Output"/> to its end or call <see cref="Kill"/> before.
    /// </summary>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>The first and last errors that the program told, after its end.</summary>
    public IReadOnlyList<string> ErrorLines() => Errors().Lines;

    /// <summary>The formats of the frames that the program decoded, after its end.</summary>
    public FormatLog Formats() => Errors().Formats;

    /// <summary>
    /// Takes no more output. Most programs have ended or are about to: the last frame was read, or the closed pipe ends them.
    /// </summary>
    public void Stop()
    {
        Output.Dispose();
        if (!_process.WaitForExit(PatienceMilliseconds))
        {
            // To kill a tree means a look at every process there is.
            Kill();
            _process.WaitForExit();
        }
    }

    public void Kill()
    {
        try
        {
            // The whole tree: ffmpeg may be a script that starts the real one, which would keep the pipes open.
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose()
    {
        // Waits for a running callback: after this nobody else touches the process.
        _registration.Dispose();
        Stop();
        _errorThread.Join();
        _inputThread?.Join();
        s_alive.TryRemove(this, out _);
        _process.Dispose();
    }

    private ErrorLog Errors()
    {
        _errorThread.Join();
        return _errors;
    }

    private static void KillAll()
    {
        foreach (ChildProcess child in s_alive.Keys)
            child.Kill();
    }

    private static Thread StartThread(string name, Action body)
    {
        var thread = new Thread(() => body(), 256 * 1024) { IsBackground = true, Name = "ffmpeg " + name };
        thread.Start();
        return thread;
    }

    private void ReadErrors()
    {
        try
        {
            while (_process.StandardError.ReadLine() is string line)
            {
                _errors.Add(line);
                _message?.Invoke(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe broke with the process; what was read is kept.
        }
    }

    private void Copy(Stream stream)
    {
        try
        {
            using Stream input = _process.StandardInput.BaseStream;
            stream.CopyTo(input);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The program, or whoever gave the bytes, has ended.
        }
    }

    private void WriteInput(ReadOnlyMemory<byte> input)
    {
        try
        {
            using Stream stream = _process.StandardInput.BaseStream;
            stream.Write(input.Span);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The program has read enough, or ended: its exit code and messages say which.
        }
    }
}
