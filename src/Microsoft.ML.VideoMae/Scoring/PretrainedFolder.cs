// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// The checkpoint that a user names: a path, what a hub id stands for, or the weights of a model of this package's in an ML.NET .zip, which are
/// written to a folder that goes away with this object.
/// </summary>
internal sealed class PretrainedFolder : IDisposable
{
    private readonly string? _temporary;

    private PretrainedFolder(string path, string? temporary)
    {
        Path = path;
        _temporary = temporary;
    }

    /// <summary>A folder, or a file.</summary>
    public string Path { get; }

    /// <summary>Finds a checkpoint.</summary>
    /// <param name="pathOrId">A folder, a file, an ML.NET .zip, or a hub id; an existing path wins.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="InvalidDataException">The .zip is no ML.NET model, or has no model of this package's in it.</exception>
    public static PretrainedFolder Find(string pathOrId, System.Threading.CancellationToken cancellationToken = default) =>
        File.Exists(pathOrId) && string.Equals(System.IO.Path.GetExtension(pathOrId), ".zip", StringComparison.OrdinalIgnoreCase)
            ? FromZip(pathOrId)
            : new PretrainedFolder(HuggingFaceHub.ResolveModelFolder(pathOrId, cancellationToken: cancellationToken), null);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary is not null)
            Directory.Delete(_temporary, recursive: true);
    }

    private static PretrainedFolder FromZip(string path)
    {
        ITransformer model = Load(path);
        string folder = Directory.CreateTempSubdirectory("videomae-zip-").FullName;
        try
        {
            VideoMaeScoringTransformer scoring = All(model).OfType<VideoMaeScoringTransformer>().LastOrDefault()
                ?? throw new InvalidDataException($"'{path}' is an ML.NET model without a VideoMAE model in it. Give one that a VideoMAE trainer made, or a checkpoint.");
            scoring.SavePretrained(folder);
            return new PretrainedFolder(folder, folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }

    private static ITransformer Load(string path)
    {
        try
        {
            return new MLContext().Model.Load(path, out _);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is not an ML.NET model that can be loaded: {e.Message}", e);
        }
    }

    private static IEnumerable<ITransformer> All(ITransformer transformer) =>
        transformer is ITransformerChainAccessor chain ? chain.Transformers.SelectMany(All) : [transformer];
}
