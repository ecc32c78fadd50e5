// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>The bytes of a pickle, with a limit on how many there may be.</summary>
internal sealed class PickleReader(Stream stream, long limit)
{
    private readonly byte[] _few = new byte[8];
    private long _left = limit;

    internal byte Byte() => Few(1)[0];

    internal int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Few(2));

    internal int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Few(4));

    internal long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Few(8));

    internal double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Few(8));

    /// <summary>A whole number of any width, little-endian two's complement; null where it has more than 64 bits.</summary>
    internal long? Long(long size)
    {
        byte[] bytes = Bytes(size);
        System.Numerics.BigInteger value = new(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    internal string Utf8(long size) => Encoding.UTF8.GetString(Bytes(size));

    internal string Latin1(long size) => Encoding.Latin1.GetString(Bytes(size));

    internal byte[] Bytes(long size)
    {
        if (size < 0 || size > _left)
            throw new InvalidDataException($"a text or number of {size} bytes is announced, which is more than there is");
        byte[] bytes = new byte[size];
        Fill(bytes);
        return bytes;
    }

    internal string Line()
    {
        const int MaxLine = 4096;
        StringBuilder line = new();
        for (byte next = Byte(); next != '\n'; next = Byte())
        {
            line.Append((char)next);
            if (line.Length > MaxLine)
                throw new InvalidDataException("a name is too long");
        }

        return line.ToString();
    }

    private ReadOnlySpan<byte> Few(int count)
    {
        Fill(_few.AsSpan(0, count));
        return _few.AsSpan(0, count);
    }

    private void Fill(Span<byte> bytes)
    {
        _left -= bytes.Length;
        if (_left < 0)
            throw new InvalidDataException("its description of the tensors is too large");
        stream.ReadExactly(bytes);
    }
}

/// <summary>The stack of a pickle's machine. A mark on it says where the items of a container begin.</summary>
internal abstract class PickleStack
{
    private static readonly object s_mark = new();

    private readonly List<object?> _stack = [];

    protected void PushMark() => Push(s_mark);

    protected object PushNew(object value)
    {
        // The items of the dictionary lie above the mark and are popped before this is called.
        Push(value);
        return value;
    }

    protected void Push(object? value) => _stack.Add(value);

    protected object? Peek() => _stack.Count == 0 ? throw new InvalidDataException("its pickle takes from an empty stack") : _stack[^1];

    protected object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value != s_mark ? value : throw new InvalidDataException("its pickle takes a mark for a value");
    }

    protected object?[] PopMany(int count)
    {
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            values[i] = Pop();
        return values;
    }

    protected object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(s_mark);
        if (mark < 0)
            throw new InvalidDataException("its pickle has no mark where one is needed");
        object?[] values = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }
}
