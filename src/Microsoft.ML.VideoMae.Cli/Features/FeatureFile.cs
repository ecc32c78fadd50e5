// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Parquet;
using Parquet.Schema;

namespace VideoMaeCli.Features;

/// <summary>Writes features in the format that the name of a file asks for.</summary>
internal static class FeatureFile
{
    /// <exception cref="ArgumentException">The name ends in nothing that can be written.</exception>
    public static void CheckName(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".csv" or ".parquet" or ".npy"))
            throw new ArgumentException($"--output is '{path}'; it has to end in .csv, .parquet or .npy.");
    }

    public static async Task WriteAsync(string path, FeatureTable table, CancellationToken stop)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".parquet":
                using (var content = new MemoryStream())
                {
                    await WriteParquetAsync(content, table, stop).ConfigureAwait(false);
                    OutputFile.Write(path, file => File.WriteAllBytes(file, content.ToArray()));
                }

                break;
            case ".npy":
                OutputFile.Write(path, file => WriteNumpy(file, table));
                OutputFile.Write(Path.ChangeExtension(path, ".paths.txt"), file => File.WriteAllLines(file, table.Paths));
                break;
            default:
                OutputFile.Write(path, file => WriteCsv(file, table));
                break;
        }
    }

    private static void WriteCsv(string path, FeatureTable table)
    {
        using var writer = new StreamWriter(path);
        writer.WriteLine($"path,{string.Join(",", Enumerable.Range(0, table.Rows[0].Length).Select(i => $"f{i}"))}");
        foreach ((string video, float[] row) in table.Paths.Zip(table.Rows))
            writer.WriteLine($"{Csv.Quote(video)},{string.Join(",", row.Select(f => f.ToString("R", CultureInfo.InvariantCulture)))}");
    }

    /// <summary>The format of NumPy's <c>numpy.lib.format</c>, version 1.0: [videos, width], float32, little-endian, in rows.</summary>
    private static void WriteNumpy(string path, FeatureTable table)
    {
        const int Alignment = 64, Preamble = 10;
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({table.Rows.Count}, {table.Rows[0].Length}), }}";
        int length = (Preamble + header.Length + 1 + Alignment - 1) / Alignment * Alignment - Preamble;
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write([0x93, .. "NUMPY"u8, 1, 0]);
        writer.Write((ushort)length);
        writer.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"));
        foreach (float[] row in table.Rows)
            writer.Write(MemoryMarshal.AsBytes<float>(row));
    }

    /// <summary>The column path, and a column for each feature.</summary>
    private static async Task WriteParquetAsync(Stream stream, FeatureTable table, CancellationToken stop)
    {
        var path = new DataField<string>("path");
        DataField<float>[] features = [.. Enumerable.Range(0, table.Rows[0].Length).Select(i => new DataField<float>($"f{i}"))];
        await using ParquetWriter writer =
            await ParquetWriter.CreateAsync(new ParquetSchema([path, .. features]), stream, cancellationToken: stop).ConfigureAwait(false);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(path, table.Paths).ConfigureAwait(false);
        for (int i = 0; i < features.Length; i++)
            await group.WriteAsync<float>(features[i], table.Rows.Select(r => r[i]).ToArray(), cancellationToken: stop)
                .ConfigureAwait(false);
    }
}

/// <summary>Videos and their features.</summary>
/// <param name="Paths">The videos.</param>
/// <param name="Rows">A vector for each.</param>
internal sealed record FeatureTable(List<string> Paths, List<float[]> Rows)
{
    public void Add(string path, float[] row)
    {
        Paths.Add(path);
        Rows.Add(row);
    }
}
