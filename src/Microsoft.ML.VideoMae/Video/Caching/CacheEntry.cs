// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.VideoMae.Caching;

/// <summary>A cached clip: only the frames wanted are read from its file.</summary>
/// <remarks>
/// The file, little-endian: "VMAEFRM1", then int32 count, height, width, isJpeg, hasTimes, then float64 frames a second, then for every
/// frame int64 offset, int32 length, uint32 CRC-32C, then, if hasTimes, a float64 time for every frame, then the CRC-32C of all before it,
/// then the frames.
/// </remarks>
internal sealed class CacheEntry : IDisposable
{
    private const int FixedSize = 8 + (5 * 4) + 8;
    private const int FrameRowSize = 16;
    private const int MaxFrames = 1 << 24;

    private static readonly byte[] s_magic = "VMAEFRM1"u8.ToArray();

    private readonly SafeFileHandle _file;
    private readonly byte[] _header;

    private CacheEntry(SafeFileHandle file, byte[] header)
    {
        _file = file;
        _header = header;
    }

    private int Count => Int(8);

    private int Height => Int(12);

    private int Width => Int(16);

    private bool IsJpeg => Int(20) == 1;

    private bool HasTimes => Int(24) == 1;

    private double FramesPerSecond => BitConverter.ToDouble(_header, 28);

    /// <summary>Opens an entry; null if there is none.</summary>
    /// <exception cref="InvalidDataException">The entry is damaged.</exception>
    public static CacheEntry? TryOpen(string path)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            return new CacheEntry(file, ReadHeader(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>An upper bound of an entry's size, frames and tables.</summary>
    public static long EstimatedBytes(VideoFrames frames, int? jpegQuality)
        => (frames.Pixels.Length / (jpegQuality is null ? 1 : 4)) + FixedSize + (frames.Count * (FrameRowSize + 8L)) + 4;

    /// <summary>Writes an entry.</summary>
    public static void Write(Stream stream, VideoFrames frames, FrameTimeline? timeline, int? jpegQuality)
    {
        int headerSize = FixedSize + (frames.Count * FrameRowSize) + (timeline is null ? 0 : frames.Count * 8) + 4;
        var header = new byte[headerSize];
        s_magic.CopyTo(header, 0);
        int[] fields = [frames.Count, frames.Height, frames.Width, jpegQuality is null ? 0 : 1, timeline is null ? 0 : 1];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8 + (4 * i)), fields[i]);
        BinaryPrimitives.WriteDoubleLittleEndian(header.AsSpan(28), timeline?.FramesPerSecond ?? 0);
        stream.Position = headerSize;
        for (int i = 0; i < frames.Count; i++)
        {
            ReadOnlySpan<byte> bytes = jpegQuality is int quality
                ? FrameJpeg.Encode(frames.Frame(i), frames.Width, frames.Height, quality)
                : frames.Frame(i);
            Span<byte> row = header.AsSpan(FixedSize + (i * FrameRowSize));
            BinaryPrimitives.WriteInt64LittleEndian(row, stream.Position);
            BinaryPrimitives.WriteInt32LittleEndian(row[8..], bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(row[12..], Crc32C.Compute(bytes));
            stream.Write(bytes);
            if (timeline is not null)
                BinaryPrimitives.WriteDoubleLittleEndian(header.AsSpan(FixedSize + (frames.Count * FrameRowSize) + (i * 8)),
                    timeline.TimeOf(i));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(headerSize - 4), Crc32C.Compute(header.AsSpan(0, headerSize - 4)));
        stream.Position = 0;
        stream.Write(header);
    }

    /// <summary>Reads the frames a request chooses.</summary>
    /// <exception cref="InvalidDataException">The entry is damaged.</exception>
    public VideoFrames Read(MLVideo video, FrameRequest request, VideoReadOptions options, string notes)
    {
        int[] wanted = request.Choose(Timeline());
        FrameLimits.CheckIndices(video, wanted, Count);
        var assembler = new FrameAssembler(video, wanted, options, request.Memory);
        while (!assembler.IsComplete)
        {
            ReadFrame(assembler.NextFrame, assembler.Begin(Width, Height));
            assembler.Complete();
        }

        return assembler.ToFrames(notes);
    }

    public void Dispose() => _file.Dispose();

    private FrameTimeline Timeline()
    {
        if (!HasTimes)
            return new FrameTimeline(Count);
        ReadOnlySpan<byte> times = _header.AsSpan(FixedSize + (Count * FrameRowSize), Count * 8);
        return new FrameTimeline(MemoryMarshal.Cast<byte, double>(times), FramesPerSecond);
    }

    private void ReadFrame(int frame, Span<byte> target)
    {
        ReadOnlySpan<byte> row = _header.AsSpan(FixedSize + (frame * FrameRowSize), FrameRowSize);
        long offset = BinaryPrimitives.ReadInt64LittleEndian(row);
        int length = BinaryPrimitives.ReadInt32LittleEndian(row[8..]);
        Span<byte> bytes = IsJpeg ? new byte[length] : target;
        if (length != bytes.Length || !TryRead(_file, offset, bytes)
            || Crc32C.Compute(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(row[12..]))
            throw new InvalidDataException($"Frame {frame} of the cache entry is damaged.");
        if (IsJpeg)
            FrameJpeg.Decode(bytes, Width, Height, target);
    }

    private static byte[] ReadHeader(SafeFileHandle file)
    {
        var start = new byte[FixedSize];
        if (!TryRead(file, 0, start) || !start.AsSpan(0, 8).SequenceEqual(s_magic))
            throw new InvalidDataException("This is not a cache entry.");
        int count = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(8));
        if (count is < 1 or > MaxFrames)
            throw new InvalidDataException("The header of the cache entry is damaged.");
        bool hasTimes = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(24)) == 1;
        long size = FixedSize + (count * (FrameRowSize + (hasTimes ? 8L : 0))) + 4;
        if (size > RandomAccess.GetLength(file))
            throw new InvalidDataException("The cache entry is cut off.");
        var header = new byte[size];
        if (!TryRead(file, 0, header)
            || Crc32C.Compute(header.AsSpan(0, header.Length - 4))
                != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(header.Length - 4)))
            throw new InvalidDataException("The header of the cache entry is damaged.");
        return header;
    }

    private static bool TryRead(SafeFileHandle file, long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(file, target, offset);
            if (read == 0)
                return false;
            target = target[read..];
            offset += read;
        }

        return true;
    }

    private int Int(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(offset));
}
