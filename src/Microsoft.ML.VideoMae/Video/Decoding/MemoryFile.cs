// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// A file in memory that a child process can write to by its name. It has no place in any folder, so nothing is left behind however this
/// process ends. Linux alone has such files.
/// </summary>
internal sealed partial class MemoryFile : IDisposable
{
    private const uint CloseOnExec = 1;

    private readonly SafeFileHandle _handle;

    private MemoryFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>What ffmpeg opens: the protocol is spelled out.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture,
        $"file:/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}");

    /// <summary>The number of bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Makes an empty file; null where there are none.</summary>
    public static MemoryFile? TryCreate()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            int descriptor = Create("videomae", CloseOnExec);
            return descriptor < 0 ? null : new MemoryFile(new SafeFileHandle(descriptor, ownsHandle: true));
        }
        catch (EntryPointNotFoundException)
        {
            return null;    // a C library from before 2018
        }
    }

    /// <summary>Reads from the beginning. The stream needs no disposal: it holds nothing, and the file stays open.</summary>
    public Stream OpenRead() => new Reader(_handle);

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);

    private sealed class Reader(SafeFileHandle handle) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = RandomAccess.Read(handle, buffer, _position);
            _position += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
