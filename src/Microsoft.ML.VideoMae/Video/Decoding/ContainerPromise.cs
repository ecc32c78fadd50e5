// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// What a container says of its first video stream, read here without a run of ffprobe. It is a promise: whoever relies on it counts what
/// comes out.
/// </summary>
/// <param name="Width">The width of the stored frames in pixels.</param>
/// <param name="Height">Their height.</param>
/// <param name="Frames">How many there should be.</param>
internal readonly record struct ContainerPromise(int Width, int Height, int Frames)
{
    /// <summary>How long they take together, in seconds; 0 where that is not said in a place that is looked at.</summary>
    public double Seconds { get; init; }

    /// <summary>The bytes that a box of MP4 begins with: its length and its name.</summary>
    private const int BoxHead = 8;

    /// <summary>Reads MP4 and its relatives, AVI, Matroska and WebM; null for others, and where nothing sensible is said.</summary>
    /// <param name="file">All bytes of a file.</param>
    public static ContainerPromise? Read(ReadOnlySpan<byte> file)
    {
        ContainerPromise? promise = file.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) ? MatroskaWalk.Read(file)
            : file.StartsWith("RIFF"u8) ? ReadAvi(file)
            : ReadMp4(Box(file, "moov"u8));
        return promise is { Width: > 0, Height: > 0, Frames: > 0 } ? promise : null;
    }

    private static ContainerPromise? ReadAvi(ReadOnlySpan<byte> file)
    {
        if (file.Length < 72 || !file[8..].StartsWith("AVI LIST"u8) || !file[20..].StartsWith("hdrlavih"u8))
            return null;
        return new ContainerPromise(
            BinaryPrimitives.ReadInt32LittleEndian(file[64..]), BinaryPrimitives.ReadInt32LittleEndian(file[68..]),
            BinaryPrimitives.ReadInt32LittleEndian(file[48..]))
        {
            Seconds = BinaryPrimitives.ReadInt32LittleEndian(file[48..]) * 1e-6 * BinaryPrimitives.ReadInt32LittleEndian(file[32..]),
        };
    }

    private static ContainerPromise? ReadMp4(ReadOnlySpan<byte> moov)
    {
        while (TryTakeBox(ref moov, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> track))
        {
            if (!name.SequenceEqual("trak"u8))
                continue;
            ReadOnlySpan<byte> media = Box(track, "mdia"u8), handler = Box(media, "hdlr"u8);
            if (handler.Length < 12 || !handler[8..].StartsWith("vide"u8))
                continue;
            ReadOnlySpan<byte> table = Box(Box(media, "minf"u8), "stbl"u8), kinds = Box(table, "stsd"u8), sizes = Box(table, "stsz"u8);
            if (kinds.Length < 44 || sizes.Length < 12)
                return null;
            return new ContainerPromise(
                BinaryPrimitives.ReadUInt16BigEndian(kinds[40..]), BinaryPrimitives.ReadUInt16BigEndian(kinds[42..]),
                BinaryPrimitives.ReadInt32BigEndian(sizes[8..]))
            {
                Seconds = DurationOf(Box(media, "mdhd"u8)),
            };
        }

        return null;
    }

    /// <summary>Reads a media header, whose times have four bytes each in version 0, and eight in version 1.</summary>
    private static double DurationOf(ReadOnlySpan<byte> header)
    {
        bool isLong = header.Length >= 32 && header[0] == 1;
        if (!isLong && (header.Length < 20 || header[0] != 0))
            return 0;
        uint scale = BinaryPrimitives.ReadUInt32BigEndian(header[(isLong ? 20 : 12)..]);
        double duration = isLong ? BinaryPrimitives.ReadUInt64BigEndian(header[24..]) : BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
        return scale > 0 ? duration / scale : 0;
    }

    /// <summary>The content of the first box of a name; empty if there is none.</summary>
    private static ReadOnlySpan<byte> Box(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> wanted)
    {
        while (TryTakeBox(ref boxes, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> content))
        {
            if (name.SequenceEqual(wanted))
                return content;
        }

        return default;
    }

    private static bool TryTakeBox(scoped ref ReadOnlySpan<byte> boxes, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> content)
    {
        name = content = default;
        if (boxes.Length < BoxHead)
            return false;
        long length = BinaryPrimitives.ReadUInt32BigEndian(boxes);
        int head = BoxHead;
        if (length == 1 && boxes.Length >= 16)
            (length, head) = (BinaryPrimitives.ReadInt64BigEndian(boxes[8..]), 16);
        else if (length == 0)
            length = boxes.Length;      // to the end of the file
        if (length < head || length > boxes.Length)
            return false;
        name = boxes.Slice(4, 4);
        content = boxes[head..(int)length];
        boxes = boxes[(int)length..];
        return true;
    }
}

/// <summary>
/// Counts the blocks of the first video track of a Matroska or WebM file. Elements that hold others are entered and the others passed over,
/// so that lengths which are not known, as in live recordings, do no harm.
/// </summary>
internal ref struct MatroskaWalk
{
    private const uint Segment = 0x18538067, Tracks = 0x1654AE6B, Cluster = 0x1F43B675;
    private const uint TrackEntry = 0xAE, TrackNumber = 0xD7, TrackType = 0x83, Video = 0xE0, PixelWidth = 0xB0, PixelHeight = 0xBA;
    private const uint CodecId = 0x86, SimpleBlock = 0xA3, BlockGroup = 0xA0, Block = 0xA1;
    private const long VideoType = 1;

    private readonly ReadOnlySpan<byte> _file;
    private int _position;
    private long _number, _type, _width, _height;
    private long _videoNumber;
    private bool _isVp8, _isVideoVp8;
    private ContainerPromise _promise;

    private MatroskaWalk(ReadOnlySpan<byte> file) => _file = file;

    public static ContainerPromise? Read(ReadOnlySpan<byte> file)
    {
        var walk = new MatroskaWalk(file);
        while (walk.TryStep())
        {
        }

        return walk._promise;
    }

    private bool TryStep()
    {
        if (!TryReadNumber(keepsMark: true, out long id) || !TryReadNumber(keepsMark: false, out long length))
            return false;
        if ((uint)id is TrackEntry or Cluster)
            EndTrack();
        if ((uint)id is Segment or Tracks or Cluster or TrackEntry or Video or BlockGroup)
            return true;
        if (length > _file.Length - _position)
            return false;
        ReadOnlySpan<byte> content = _file.Slice(_position, (int)length);
        _position += (int)length;
        Note((uint)id, content);
        return true;
    }

    private void Note(uint id, ReadOnlySpan<byte> content)
    {
        if (id == TrackNumber)
            _number = Integer(content);
        else if (id == TrackType)
            _type = Integer(content);
        else if (id == PixelWidth)
            _width = Integer(content);
        else if (id == PixelHeight)
            _height = Integer(content);
        else if (id == CodecId)
            _isVp8 = content.SequenceEqual("V_VP8"u8);
        else if (id is SimpleBlock or Block && IsShown(content))
            _promise = _promise with { Frames = _promise.Frames + 1 };
    }

    /// <summary>Whether a block is of the video track and holds a frame that is shown: VP8 has some that others are made of.</summary>
    /// <param name="block">The track's number, a time of two bytes, flags, and the frame, whose first byte tells in VP8.</param>
    private readonly bool IsShown(ReadOnlySpan<byte> block)
        => _videoNumber > 0 && block.Length > 4 && block[0] == (0x80 | _videoNumber) && (!_isVideoVp8 || (block[4] & 0x10) != 0);

    /// <summary>Takes the track that was described, if it is the first of video.</summary>
    private void EndTrack()
    {
        if (_videoNumber == 0 && _type == VideoType && _number is > 0 and < 0x7F)
        {
            (_videoNumber, _isVideoVp8) = (_number, _isVp8);
            _promise = new ContainerPromise((int)Math.Min(_width, int.MaxValue), (int)Math.Min(_height, int.MaxValue), 0);
        }

        (_number, _type, _width, _height, _isVp8) = (0, 0, 0, 0, false);
    }

    /// <summary>Reads a number whose first byte tells by its first bit that is set how many bytes it has.</summary>
    private bool TryReadNumber(bool keepsMark, out long value)
    {
        value = 0;
        if (_position >= _file.Length)
            return false;
        byte first = _file[_position];
        int bytes = System.Numerics.BitOperations.LeadingZeroCount(first) - 23;
        if (bytes > 8 || (keepsMark && bytes > 4) || bytes > _file.Length - _position)
            return false;
        value = keepsMark ? first : first & ((0x80 >> (bytes - 1)) - 1);
        foreach (byte next in _file.Slice(_position + 1, bytes - 1))
            value = (value << 8) | next;
        _position += bytes;
        return true;
    }

    private static long Integer(ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        foreach (byte next in bytes.Length <= 7 ? bytes : default)
            value = (value << 8) | next;
        return value;
    }
}
