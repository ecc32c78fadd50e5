// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Writes the few things of Python's pickle format (protocol 2) that torch.save needs for a dictionary of tensors. Nothing is remembered in
/// the pickle's memo, which makes it longer than Python's, and no object is there twice.
/// </summary>
internal sealed class PickleWriter(Stream stream)
{
    internal void Begin() => Write(0x80, 2); // PROTO

    internal void End() => Write('.'); // STOP

    internal void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write('X'); // BINUNICODE
        Int32(bytes.Length);
        stream.Write(bytes);
    }

    internal void Number(long number)
    {
        switch (number)
        {
            case >= 0 and <= byte.MaxValue:
                Write('K', (byte)number); // BININT1
                break;
            case >= int.MinValue and <= int.MaxValue:
                Write('J'); // BININT
                Int32((int)number);
                break;
            default:
                Write(0x8a, sizeof(long)); // LONG1
                Span<byte> bytes = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
                stream.Write(bytes);
                break;
        }
    }

    internal void False() => Write(0x89); // NEWFALSE

    /// <summary>A class or function, by its full name.</summary>
    internal void Global(string name)
    {
        int dot = name.LastIndexOf('.');
        Write('c'); // GLOBAL
        stream.Write(Encoding.ASCII.GetBytes($"{name[..dot]}\n{name[(dot + 1)..]}\n"));
    }

    internal void Tuple(Action items)
    {
        Write('('); // MARK
        items();
        Write('t'); // TUPLE
    }

    internal void Numbers(IEnumerable<long> numbers) => Tuple(() =>
    {
        foreach (long number in numbers)
            Number(number);
    });

    /// <summary>What a global makes of arguments.</summary>
    internal void Call(string name, Action arguments)
    {
        Global(name);
        Tuple(arguments);
        Write('R'); // REDUCE
    }

    /// <summary>Something that is stored outside the pickle.</summary>
    internal void Outside(Action id)
    {
        Tuple(id);
        Write('Q'); // BINPERSID
    }

    internal void EmptyDictionary() => Write('}');

    /// <summary>Puts keys and values into the dictionary before them.</summary>
    internal void SetItems(Action items)
    {
        Write('('); // MARK
        items();
        Write('u'); // SETITEMS
    }

    private void Write(params ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    private void Write(char opcode, params ReadOnlySpan<byte> bytes)
    {
        stream.WriteByte((byte)opcode);
        stream.Write(bytes);
    }

    private void Int32(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }
}
