// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Tells containers that can be read front to back from those whose index may be at the end.</summary>
internal static class Pipeable
{
    private const uint Matroska = 0x1A45DFA3;   // EBML header
    private const uint MpegProgram = 0x000001BA; // MPEG program stream, pack start code
    private const uint Moov = 0x6D6F6F76;
    private const uint Mdat = 0x6D646174;

    public static bool IsPipeable(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12)
            return false;
        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return first is Matroska or MpegProgram || IsTransportStream(bytes) || HasIndexFirst(bytes);
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> bytes)
        => bytes.Length > 376 && bytes[0] == 0x47 && bytes[188] == 0x47 && bytes[376] == 0x47;

    /// <summary>Walks the top-level boxes of an MP4 or MOV file: true if "moov" comes before "mdat".</summary>
    private static bool HasIndexFirst(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.Slice(4, 4).SequenceEqual("ftyp"u8))
            return false;
        long position = 0;
        while (position + 16 <= bytes.Length)
        {
            ReadOnlySpan<byte> box = bytes[(int)position..];
            long size = BinaryPrimitives.ReadUInt32BigEndian(box);
            uint type = BinaryPrimitives.ReadUInt32BigEndian(box[4..]);
            if (type is Moov or Mdat)
                return type == Moov;
            if (size == 1)
                size = BinaryPrimitives.ReadInt64BigEndian(box[8..]);
            if (size < 8 || size > bytes.Length)
                return false;
            position += size;
        }

        return false;
    }
}
