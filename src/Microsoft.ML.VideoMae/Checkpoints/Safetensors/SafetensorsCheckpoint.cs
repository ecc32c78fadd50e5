// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A safetensors file whose tensors are read one by one.</summary>
internal static class SafetensorsCheckpoint
{
    internal static CheckpointFile Open(string path)
    {
        SafetensorsHeader header = SafetensorsReader.ReadHeader(path);
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        long data = stream.Length - header.DataBytes;
        return new CheckpointFile(path, header.Entries.ToDictionary(entry => entry.Name, entry => Stored(path, stream, data, entry), StringComparer.Ordinal), stream);
    }

    private static StoredTensor Stored(string path, FileStream stream, long data, SafetensorsEntry entry) => new(entry.Type, entry.Shape, () =>
    {
        try
        {
            stream.Position = data + entry.Begin;
            return TensorBytes.Read(entry.Type, entry.Shape, entry.End - entry.Begin, stream, lengthKnown: true);
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"'{path}' is damaged at '{entry.Name}': {exception.Message}", exception);
        }
    });
}
