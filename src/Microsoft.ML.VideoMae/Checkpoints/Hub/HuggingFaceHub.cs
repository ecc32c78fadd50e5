// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Finds models of the Hugging Face hub in its cache and downloads what is missing.</summary>
/// <remarks>
/// The cache is the one of Hugging Face's own tools, so that models downloaded with them are found and the other way round.
/// Downloads are resumed where they broke off and checked against the hub's checksums; a file has its final name only when it is
/// complete. Several processes may ask for the same model at once.
/// </remarks>
public static class HuggingFaceHub
{
    /// <summary>The folder of a model: an existing path as it is, otherwise the model of the hub with this id.</summary>
    /// <param name="pathOrId">An existing folder or file, which wins, or an id: <c>org/name</c> or <c>org/name@revision</c>.</param>
    /// <param name="options">Where models are kept and how they are fetched; null takes everything from the environment.</param>
    /// <param name="cancellationToken">Ends a download; what has arrived is kept and resumed by the next call.</param>
    /// <returns>The path as given, or the folder with config.json, the weights and the processor's settings where there are any.</returns>
    /// <exception cref="ArgumentException">The text is neither an existing path nor an id, or options are invalid.</exception>
    /// <exception cref="HubException">The model cannot be had; its <see cref="HubException.Error"/> says why.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static string ResolveModelFolder(string pathOrId, HuggingFaceHubOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Run(() => ResolveModelFolderAsync(pathOrId, options, cancellationToken));

    /// <inheritdoc cref="ResolveModelFolder"/>
    public static async Task<string> ResolveModelFolderAsync(
        string pathOrId, HuggingFaceHubOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pathOrId);
        if (Directory.Exists(pathOrId) || File.Exists(pathOrId))
            return pathOrId;
        return await HubModelFiles.ResolveAsync(Open(pathOrId, options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The folder of a repository with given files, which are downloaded where the cache lacks them.</summary>
    /// <param name="id">An id: <c>org/name</c> or <c>org/name@revision</c>.</param>
    /// <param name="files">The names of the files in the repository; all must exist.</param>
    /// <param name="options">Where models are kept and how they are fetched; null takes everything from the environment.</param>
    /// <param name="cancellationToken">Ends a download; what has arrived is kept and resumed by the next call.</param>
    /// <exception cref="ArgumentException">
    /// The text is not an id, a file's name is not one below the repository, or options are invalid.
    /// </exception>
    /// <exception cref="HubException">A file cannot be had; its <see cref="HubException.Error"/> says why.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static string ResolveFiles(
        string id, IReadOnlyList<string> files, HuggingFaceHubOptions? options = null, CancellationToken cancellationToken = default) =>
        Run(() => ResolveFilesAsync(id, files, options, cancellationToken));

    /// <inheritdoc cref="ResolveFiles"/>
    public static async Task<string> ResolveFilesAsync(
        string id, IReadOnlyList<string> files, HuggingFaceHubOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0)
            throw new ArgumentException("No files were given; name at least one.", nameof(files));
        foreach (string file in files)
        {
            if (file is null || !HubModelId.IsSafePath(file))
                throw new ArgumentException($"'{file}' is not the name of a file in a repository, such as config.json.", nameof(files));
        }

        HubSnapshot snapshot = Open(id, options);
        foreach (string file in files)
            await snapshot.RequireAsync(file, cancellationToken).ConfigureAwait(false);
        return snapshot.Folder;
    }

    private static HubSnapshot Open(string id, HuggingFaceHubOptions? options)
    {
        options ??= new HuggingFaceHubOptions();
        options.ThrowIfInvalid();
        return new HubSnapshot(HubModelId.Parse(id), options);
    }

    // On the thread pool: the caller's synchronisation context must not be waited for.
    private static string Run(Func<Task<string>> work) => Task.Run(work).GetAwaiter().GetResult();
}
