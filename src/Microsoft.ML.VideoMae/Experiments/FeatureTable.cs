// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>The features of the rows of an experiment. With a file, a row that was computed once is not computed again.</summary>
/// <remarks>
/// <code>
/// the file: bytes "VMFT", then for each computed row: int index, int length, float[length]
/// </code>
/// Rows are added at its end as they come. What a kill cut off at the end is left out, and computed again.
/// </remarks>
internal sealed class FeatureTable : IDisposable
{
    private static readonly byte[] s_magic = "VMFT"u8.ToArray();

    private readonly float[]?[] _rows;
    private readonly FileStream? _file;

    private FeatureTable(int count, FileStream? file)
    {
        _rows = new float[]?[count];
        _file = file;
        if (file is not null)
            ReadAll(file);
    }

    /// <summary>The features of every row; null for those that are not computed, or could not be.</summary>
    public IReadOnlyList<float[]?> Rows => _rows;

    /// <summary>The rows that have been computed, with those that could not be read.</summary>
    public HashSet<int> Done { get; } = [];

    /// <summary>Opens the table of a file.</summary>
    /// <param name="path">The file; null keeps the table in memory alone.</param>
    /// <param name="count">The number of rows.</param>
    public static FeatureTable Open(string? path, int count)
    {
        if (path is null)
            return new FeatureTable(count, null);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FeatureTable(count, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16));
    }

    /// <summary>Adds the features of a row; numbers that are none stand for a video that cannot be read.</summary>
    public void Add(int row, float[] features)
    {
        if (_file is not null)
        {
            using var writer = new BinaryWriter(_file, Encoding.UTF8, leaveOpen: true);
            writer.Write(row);
            writer.Write(features.Length);
            writer.Write(MemoryMarshal.AsBytes<float>(features));
        }

        Keep(row, features);
    }

    public void Dispose() => _file?.Dispose();

    private void Keep(int row, float[] features)
    {
        Done.Add(row);
        _rows[row] = Array.TrueForAll(features, float.IsFinite) ? features : null;
    }

    private void ReadAll(FileStream file)
    {
        Span<byte> magic = stackalloc byte[s_magic.Length];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(s_magic))
        {
            file.SetLength(0);
            file.Write(s_magic);
            return;
        }

        long whole = file.Position;
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        while (file.Length - whole >= 8)
        {
            int row = reader.ReadInt32(), length = reader.ReadInt32();
            if (row < 0 || row >= _rows.Length || length <= 0 || file.Length - file.Position < 4L * length)
                break;
            var features = new float[length];
            file.ReadExactly(MemoryMarshal.AsBytes(features.AsSpan()));
            Keep(row, features);
            whole = file.Position;
        }

        file.SetLength(whole);
        file.Position = whole;
    }
}
