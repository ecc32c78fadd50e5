// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Brings files of one commit of a repository into the cache, one after the other.</summary>
internal sealed class HubSnapshot(HubModelId id, HuggingFaceHubOptions options)
{
    private readonly HubHttp _http = new(options);
    private readonly HubCache _cache = new(options.CacheFolder, id.Repository);
    private bool _offline = options.Offline;
    private string? _commit = id.IsCommit ? id.Revision : null;

    /// <summary>The folder of the commit. Known once a file was found.</summary>
    public string Folder => _cache.SnapshotFolder(_commit ?? throw new InvalidOperationException("No file was found yet."));

    /// <summary>The path of a file, which is downloaded where the cache lacks it; null where the repository has no such file.</summary>
    public async Task<string?> FindAsync(string file, CancellationToken cancellationToken)
    {
        if (InCache(file) is { } cached)
            return cached.Length > 0 ? cached : null;
        if (_offline)
            return FindOffline(file);

        HubFileInfo? info;
        try
        {
            info = await AskAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Error == HubError.Network && _cache.Commit(id.Revision) is not null)
        {
            // The hub cannot be reached, but an earlier run has been here.
            _offline = true;
            options.Log?.Invoke($"The Hugging Face hub cannot be reached; '{id}' is taken from the cache. {e.Message}");
            return FindOffline(file);
        }

        if (info is null)
            return null;
        if (!_cache.Has(info.Commit, file))
            await DownloadAsync(file, info, cancellationToken).ConfigureAwait(false);
        return _cache.SnapshotFile(info.Commit, file);
    }

    /// <summary>The path of a file that the repository must have.</summary>
    /// <exception cref="HubException">It has not.</exception>
    public async Task<string> RequireAsync(string file, CancellationToken cancellationToken) =>
        await FindAsync(file, cancellationToken).ConfigureAwait(false) ?? throw Missing(file);

    /// <summary>The error for files that a repository must have and has not, in words that fit whether the hub was asked.</summary>
    public HubException Missing(string files)
    {
        if (!_offline)
            return new HubException(HubError.NotFound,
                $"'{id}' has no file {files}; check the id, and whether the repository holds a model.");
        string why = options.Offline ? "the hub is not asked (HF_HUB_OFFLINE, or the Offline option)" : "the hub cannot be reached";
        return new HubException(
            HubError.Offline, $"The cache '{options.CacheFolder}' has no {files} of '{id}', and {why}. Download the model while online, " +
                "or give the path of a folder.");
    }

    // The path where the cache has it, an empty text where it is known that the commit lacks it, otherwise null.
    private string? InCache(string file) =>
        _commit is null ? null
        : _cache.Has(_commit, file) ? _cache.SnapshotFile(_commit, file)
        : _cache.Lacks(_commit, file) ? ""
        : null;

    private string? FindOffline(string file)
    {
        _commit ??= _cache.Commit(id.Revision);
        return InCache(file) is { Length: > 0 } path ? path : null;
    }

    private async Task<HubFileInfo?> AskAsync(string file, CancellationToken cancellationToken)
    {
        Uri address = _http.Address(id.Repository, _commit ?? id.Revision, file);
        using HubAnswers answers = await _http.HeadAsync(address, insist: _cache.Commit(id.Revision) is null, cancellationToken)
            .ConfigureAwait(false);
        string? commit = HubFileInfo.CommitOf(answers.All) ?? _commit;
        if (commit is not null && HubFailures.IsMissingFile(answers.Last))
        {
            Remember(commit);
            _cache.RememberLacking(commit, file);
            return null;
        }

        HubFailures.ThrowIfFailed(answers.Last, id, file);
        HubFileInfo info = HubFileInfo.Read(answers.All, id, file);
        Remember(info.Commit);
        // All files come from the commit of the first: a push in between must not mix two versions.
        return info with { Commit = _commit! };
    }

    private void Remember(string commit)
    {
        if (_commit is not null)
            return;
        _cache.RememberCommit(id.Revision, commit);
        _commit = commit;
    }

    private async Task DownloadAsync(string file, HubFileInfo info, CancellationToken cancellationToken)
    {
        string blob = _cache.Blob(info.Hash);
        using (await HubLock.AcquireAsync(_cache.Lock(info.Hash), options.LockTimeout, cancellationToken).ConfigureAwait(false))
        {
            // Another process, or another file with the same content, may have been first.
            if (_cache.Has(info.Commit, file))
                return;
            if (!File.Exists(blob))
                await new HubDownload(_http, options, id, file, info, blob).RunAsync(cancellationToken).ConfigureAwait(false);
            _cache.Link(info.Commit, file, info.Hash);
        }
    }
}
