// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Reads the pickles of torch.save: plain values, containers, tensors and storages. Pickle is a program for a stack machine; this machine
/// has no instruction that calls anything. A global is a mark (see <see cref="PickleGlobals"/>), and "calling" one is known for the few
/// that rebuild tensors and dictionaries.
/// </summary>
/// <param name="reader">The bytes.</param>
/// <param name="resolveStorage">Turns a persistent id into a storage.</param>
internal sealed class RestrictedUnpickler(PickleReader reader, Func<PickleTuple, TorchStorage> resolveStorage) : PickleStack
{
    // Some fifty instructions describe a tensor. Bounds what a hostile file can make of little space.
    private const int MaxInstructions = 4_000_000;

    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Runs to the end of one pickle.</summary>
    internal object? Run()
    {
        for (int i = 0; i < MaxInstructions; i++)
        {
            char operation = (char)reader.Byte();
            if (operation == '.')
                return Pop();
            if (!Value(operation) && !Container(operation) && !Structure(operation))
                throw new InvalidDataException($"its pickle has the instruction 0x{(int)operation:x2}, which PyTorch does not write");
        }

        throw new InvalidDataException($"its pickle has more than {MaxInstructions} instructions");
    }

    private bool Value(char operation)
    {
        switch (operation)
        {
            case 'N': Push(null); return true;
            case '\x88': Push(true); return true;
            case '\x89': Push(false); return true;
            case 'J': Push((long)reader.Int32()); return true;
            case 'K': Push((long)reader.Byte()); return true;
            case 'M': Push((long)reader.UInt16()); return true;
            case '\x8a': Push(Number(reader.Long(reader.Byte()))); return true;
            case '\x8b': Push(Number(reader.Long(reader.Int32()))); return true;
            case 'G': Push(reader.BigEndianDouble()); return true;
            case 'X': Push(reader.Utf8((uint)reader.Int32())); return true;
            case '\x8c': Push(reader.Utf8(reader.Byte())); return true;
            case '\x8d': Push(reader.Utf8(reader.Int64())); return true;
            case 'U': Push(reader.Latin1(reader.Byte())); return true;
            case 'T': Push(reader.Latin1(reader.Int32())); return true;
            case 'B': Push(reader.Bytes((uint)reader.Int32())); return true;
            case 'C': Push(reader.Bytes(reader.Byte())); return true;
            case 'I': Push(TextNumber(reader.Line())); return true;
            default: return false;
        }
    }

    private bool Container(char operation)
    {
        switch (operation)
        {
            case '(': PushMark(); return true;
            case '}': Push(new PickleDictionary([])); return true;
            case ']': Push(new PickleList([])); return true;
            case ')': Push(new PickleTuple([])); return true;
            case '\x85': Push(new PickleTuple(PopMany(1))); return true;
            case '\x86': Push(new PickleTuple(PopMany(2))); return true;
            case '\x87': Push(new PickleTuple(PopMany(3))); return true;
            case 't': Push(new PickleTuple(PopToMark())); return true;
            case 'l': Push(new PickleList([.. PopToMark()])); return true;
            case 'd': SetItems(PopToMark(), PushNew(new PickleDictionary([]))); return true;
            case 'a': Append(PopMany(1)); return true;
            case 'e': Append(PopToMark()); return true;
            case 's': SetItems(PopMany(2), Peek()); return true;
            case 'u': SetItems(PopToMark(), Peek()); return true;
            default: return false;
        }
    }

    private bool Structure(char operation)
    {
        switch (operation)
        {
            case '\x80': CheckProtocol(reader.Byte()); return true;
            case '\x95': reader.Int64(); return true; // A frame's length, only of use to streaming readers.
            case 'q': _memo[reader.Byte()] = Peek(); return true;
            case 'r': _memo[(uint)reader.Int32()] = Peek(); return true;
            case '\x94': _memo[_memo.Count] = Peek(); return true;
            case 'h': Push(Recall(reader.Byte())); return true;
            case 'j': Push(Recall((uint)reader.Int32())); return true;
            case '0': Pop(); return true;
            case 'c': Push(PickleGlobals.Resolve(reader.Line(), reader.Line())); return true;
            case '\x93': Push(StackGlobal(PopMany(2))); return true;
            case 'Q': Push(Storage()); return true;
            case 'R': Push(Call(PopMany(2))); return true;
            case '\x81': Push(Call(PopMany(2))); return true;
            case 'b': Pop(); Peek(); return true; // The attributes of an object: nothing that is read here has any of use.
            default: return false;
        }
    }

    private static void CheckProtocol(byte protocol)
    {
        if (protocol is < 2 or > 5)
            throw new InvalidDataException($"its pickle protocol is {protocol}; 2 to 5 are read");
    }

    private static object StackGlobal(object?[] names) => names is [string module, string name]
        ? PickleGlobals.Resolve(module, name)
        : throw new InvalidDataException("a global is not named by texts");

    private static object Number(long? value) => value ?? (object)new PickleOpaque("a whole number of more than 64 bits");

    private static object TextNumber(string text) => text switch
    {
        "00" => false,
        "01" => true,
        _ => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
            : throw new InvalidDataException("a number is not a number"),
    };

    private static object? Call(object?[] call)
    {
        if (call is [PickleOpaque opaque, PickleTuple])
            return opaque;
        if (call is not [PickleGlobal function, PickleTuple arguments])
            throw new InvalidDataException("something is called that is no global");
        return function.Name switch
        {
            PickleGlobals.OrderedDictionary => NewDictionary(arguments.Items),
            PickleGlobals.RebuildTensor or PickleGlobals.RebuildOldTensor => TorchTensors.Rebuild(arguments.Items),
            PickleGlobals.RebuildParameter when arguments.Items is [TorchTensor data, ..] => data,
            PickleGlobals.Size when arguments.Items is [PickleTuple sizes] => sizes,
            _ => throw new InvalidDataException($"'{function.Name}' is called with arguments it does not take"),
        };
    }

    private static PickleDictionary NewDictionary(object?[] arguments)
    {
        PickleDictionary dictionary = new([]);
        if (arguments is [PickleList pairs])
        {
            foreach (object? pair in pairs.Items)
            {
                object?[] items = pair switch { PickleList list => [.. list.Items], PickleTuple tuple => tuple.Items, _ => [] };
                SetItems(items.Length == 2 ? items : throw new InvalidDataException("a dictionary is not built from pairs"), dictionary);
            }
        }
        else if (arguments.Length > 0)
        {
            throw new InvalidDataException("a dictionary is built from something else than pairs");
        }

        return dictionary;
    }

    private static void SetItems(object?[] items, object? target)
    {
        if (target is PickleOpaque)
            return;
        if (target is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw new InvalidDataException("items are set in something that is no dictionary");
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Items[items[i] ?? "None"] = items[i + 1];
    }

    private void Append(object?[] items)
    {
        if (Peek() is PickleList list)
            list.Items.AddRange(items);
        else if (Peek() is not PickleOpaque)
            throw new InvalidDataException("items are appended to something that is no list");
    }

    private TorchStorage Storage() =>
        resolveStorage(Pop() as PickleTuple ?? throw new InvalidDataException("a storage is not described by a tuple"));

    private object? Recall(long index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw new InvalidDataException("it recalls a value that was never stored");
}
