// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Features in a file, row by row, each with a checksum, so that a process that is killed leaves whole rows for the next one. What is read
/// often stays in the system's file cache: memory is bounded whatever the number of clips.
/// </summary>
internal sealed class FeatureStore : IDisposable
{
    private const int ChecksumBytes = 4;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(200);

    private readonly SafeFileHandle _file;
    private readonly string? _lock;
    private readonly bool _half;
    private readonly int _rowBytes;

    /// <param name="path">The file; null for a temporary one that goes away with this object.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="rowLength">The values of a row.</param>
    /// <param name="half">Whether to keep 16 bits of a value, as tokens need a lot of room, or all 32.</param>
    /// <param name="tempFolder">The folder for a temporary file; null is the system's.</param>
    public FeatureStore(string? path, int rows, int rowLength, bool half, string? tempFolder = null)
    {
        RowLength = rowLength;
        Rows = rows;
        _half = half;
        _rowBytes = rowLength * (half ? 2 : sizeof(float)) + ChecksumBytes;
        FileOptions options = FileOptions.RandomAccess | (path is null ? FileOptions.DeleteOnClose : 0);
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _lock = $"{path}.lock";
        }

        if (path is null && tempFolder is not null)
            Directory.CreateDirectory(tempFolder);

        // Temporary files of one process must not meet those of another. Kept ones are shared: several runs over the same clips read the
        // same features.
        path ??= Path.Combine(tempFolder ?? Path.GetTempPath(), $"videomae-features-{Guid.NewGuid():N}.bin");
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, options);
        long length = (long)rows * _rowBytes;
        if (RandomAccess.GetLength(_file) != length)
            RandomAccess.SetLength(_file, length);
    }

    /// <summary>The values of a row.</summary>
    public int RowLength { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>
    /// Waits until no other run writes the same features: what it computes need not be computed again. A process that is killed lets go.
    /// </summary>
    /// <param name="waiting">Is called once where there is another.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>To be disposed of when the rows are written. Rows are read without it.</returns>
    public IDisposable? LockForWriting(Action waiting, CancellationToken cancellationToken)
    {
        bool hasWaited = false;
        while (_lock is not null)
        {
            try
            {
                // The file stays: deleting it would let two processes in.
                return new FileStream(_lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (FileSharing.IsHeld(e))
            {
                if (!hasWaited)
                    waiting();
                hasWaited = true;
                cancellationToken.WaitHandle.WaitOne(s_poll);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return null;
    }

    /// <summary>Whether a row is there already, whole.</summary>
    public bool Has(int row)
    {
        byte[] bytes = ReadBytes(row);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return checksum != 0 && checksum == Checksum(bytes);
    }

    /// <summary>Writes a row.</summary>
    public void Write(int row, ReadOnlySpan<float> features)
    {
        var bytes = new byte[_rowBytes];
        if (_half)
            System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(features, MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(ChecksumBytes)));
        else
            MemoryMarshal.AsBytes(features).CopyTo(bytes.AsSpan(ChecksumBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Checksum(bytes));
        RandomAccess.Write(_file, bytes, (long)row * _rowBytes);
    }

    /// <summary>Reads a row; may be called from several threads.</summary>
    public void Read(int row, Span<float> features)
    {
        ReadOnlySpan<byte> values = ReadBytes(row).AsSpan(ChecksumBytes);
        if (_half)
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(values), features);
        else
            values.CopyTo(MemoryMarshal.AsBytes(features));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private byte[] ReadBytes(int row)
    {
        var bytes = new byte[_rowBytes];
        RandomAccess.Read(_file, bytes, (long)row * _rowBytes);
        return bytes;
    }

    // 0 means that there is no row.
    private static uint Checksum(byte[] bytes) => Crc32C.Compute(bytes.AsSpan(ChecksumBytes)) | 1;
}
