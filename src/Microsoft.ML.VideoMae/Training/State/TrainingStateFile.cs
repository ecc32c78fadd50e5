// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Microsoft.ML.VideoMae.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// The file in which a run keeps all it needs to go on after a stop: tensors and a position. It is written under another name and moved
/// into place, so that whenever the process is killed there is either the last complete state or the one before.
/// </summary>
/// <typeparam name="TPosition">Where the run stands; it has to survive JSON.</typeparam>
/// <param name="folder">The folder of this run alone; it need not exist yet.</param>
internal sealed class TrainingStateFile<TPosition>(string folder)
    where TPosition : class
{
    private const string FileName = "state.safetensors";
    private const string PositionKey = "position";

    /// <summary>A file that has not grown for so long is not being written any more.</summary>
    private static readonly TimeSpan s_leftoverAge = TimeSpan.FromMinutes(10);

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), FileName);

    /// <summary>Replaces the state.</summary>
    /// <param name="position">Where the run stands.</param>
    /// <param name="tensors">All of its tensors, under different names.</param>
    public void Save(TPosition position, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        RemoveLeftovers();
        SafetensorsWriter.Write(Path, tensors, new Dictionary<string, string> { [PositionKey] = JsonSerializer.Serialize(position) });
    }

    /// <summary>Reads the last complete state; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Saved? TryLoad()
    {
        if (!File.Exists(Path))
            return null;
        SafetensorsContent content = SafetensorsReader.Load(Path);
        try
        {
            return new Saved(JsonSerializer.Deserialize<TPosition>(content.Metadata[PositionKey])!, content);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            content.Dispose();
            throw new InvalidDataException(
                $"The training state '{Path}' says not where its run stood. Delete it to start this run from the beginning.", e);
        }
    }

    /// <summary>
    /// A process that was killed in the middle of writing leaves its temporary file; one that is written to now belongs to a run beside
    /// this one.
    /// </summary>
    private void RemoveLeftovers()
    {
        foreach (FileInfo file in new DirectoryInfo(System.IO.Path.GetDirectoryName(Path)!).EnumerateFiles($"{FileName}.*.tmp"))
        {
            if (DateTime.UtcNow - file.LastWriteTimeUtc > s_leftoverAge)
                file.Delete();
        }
    }

    /// <summary>A state that was read.</summary>
    /// <param name="position">Where the run stood.</param>
    /// <param name="content">The tensors.</param>
    public sealed class Saved(TPosition position, SafetensorsContent content) : IDisposable
    {
        /// <summary>Where the run stood.</summary>
        public TPosition Position { get; } = position;

        /// <summary>The tensor of a name; it belongs to this object.</summary>
        /// <exception cref="InvalidDataException">There is none.</exception>
        public Tensor this[string name] => content.Tensors.TryGetValue(name, out Tensor? tensor)
            ? tensor
            : throw new InvalidDataException($"The training state has no tensor '{name}'. Delete it to start this run from the beginning.");

        /// <summary>Whether there is a tensor of this name.</summary>
        public bool Has(string name) => content.Tensors.ContainsKey(name);

        /// <inheritdoc/>
        public void Dispose() => content.Dispose();
    }
}
