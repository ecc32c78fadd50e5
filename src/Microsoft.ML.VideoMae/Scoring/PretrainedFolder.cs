// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// The checkpoint that a user names: a path, what a hub id stands for, or the weights of a model of this package's in an ML.NET .zip, which are
/// written to a folder that goes away with this object.
/// </summary>
internal sealed class PretrainedFolder : IDisposable
{
    private readonly string? _temporary;

    private PretrainedFolder(string path, string? temporary, FrameSampler? sampler, ScoringViews views)
    {
        Path = path;
        _temporary = temporary;
        Sampler = sampler;
        Views = views;
    }

    /// <summary>A folder, or a file.</summary>
    public string Path { get; }

    /// <summary>Which frames a model takes that came from memory or a .zip; null for a checkpoint, which does not say.</summary>
    public FrameSampler? Sampler { get; }

    /// <summary>How a model looks at videos that came from memory or a .zip; one view for a checkpoint, which does not say.</summary>
    public ScoringViews Views { get; }

    /// <summary>Finds a checkpoint.</summary>
    /// <param name="pathOrId">A folder, a file, an ML.NET .zip, or a hub id; an existing path wins.</param>
    /// <param name="tempFolder">The folder for temporary files; null is the system's.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="InvalidDataException">The .zip is no ML.NET model, or has no model of this package's in it.</exception>
    public static PretrainedFolder Find(string pathOrId, string? tempFolder, System.Threading.CancellationToken cancellationToken = default) =>
        File.Exists(pathOrId) && string.Equals(System.IO.Path.GetExtension(pathOrId), ".zip", StringComparison.OrdinalIgnoreCase)
            ? FromZip(pathOrId, tempFolder)
            : new PretrainedFolder(HuggingFaceHub.ResolveModelFolder(pathOrId, cancellationToken: cancellationToken), null, null, ScoringViews.One);

    /// <summary>Writes a model in memory: to a folder that goes away with this object, or into a workspace, where a run that was stopped finds it again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="workspace">The workspace; null without one.</param>
    /// <param name="tempFolder">The folder for temporary files; null is the system's.</param>
    public static PretrainedFolder Write(VideoMaeScoringTransformer model, string? workspace, string? tempFolder)
    {
        string folder = workspace is null
            ? TemporaryFolder.Create(tempFolder, "videomae-model-")
            : Directory.CreateDirectory(System.IO.Path.Combine(workspace, $"pretrained-{Guid.NewGuid():N}.tmp")).FullName;
        try
        {
            model.SavePretrained(folder);
            return workspace is null
                ? new PretrainedFolder(folder, folder, model.Sampler, model.Views)
                : new PretrainedFolder(Keep(folder, workspace), null, model.Sampler, model.Views);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary is not null)
            Directory.Delete(_temporary, recursive: true);
    }

    private static PretrainedFolder FromZip(string path, string? tempFolder)
    {
        ITransformer model = Load(path);
        try
        {
            VideoMaeScoringTransformer scoring = All(model).OfType<VideoMaeScoringTransformer>().LastOrDefault()
                ?? throw new InvalidDataException($"'{path}' is an ML.NET model without a VideoMAE model in it. Give one that a VideoMAE trainer made, or a checkpoint.");
            return Write(scoring, null, tempFolder);
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }

    /// <summary>Names a folder by its content. What is there already was written by an earlier part of the run, and keeps its time.</summary>
    private static string Keep(string folder, string workspace)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        string kept = System.IO.Path.Combine(workspace, $"pretrained-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}");
        if (Directory.Exists(kept))
            Directory.Delete(folder, recursive: true);
        else
            Directory.Move(folder, kept);
        return kept;
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
