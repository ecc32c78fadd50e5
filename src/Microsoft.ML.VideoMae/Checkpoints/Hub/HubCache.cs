// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>The cache of one repository, in the layout of Hugging Face's own tools, which share it with us.</summary>
/// <remarks>
/// <code>
/// models--org--name/
///     refs/main                    the commit a branch or tag stands for
///     blobs/HASH                   contents, named by their checksum (HASH.incomplete while they arrive)
///     snapshots/COMMIT/FILE        links into blobs
///     .no_exist/COMMIT/FILE        empty: the commit has no such file
/// .locks/models--org--name/HASH.lock
/// </code>
/// </remarks>
internal sealed class HubCache
{
    private readonly string _root;
    private readonly string _locks;

    public HubCache(string cacheFolder, string repository)
    {
        string name = "models--" + repository.Replace("/", "--", StringComparison.Ordinal);
        string cache = Path.GetFullPath(cacheFolder);
        _root = Path.Combine(cache, name);
        _locks = Path.Combine(cache, ".locks", name);
    }

    public string SnapshotFolder(string commit) => Path.Combine(_root, "snapshots", commit);

    public string SnapshotFile(string commit, string file) => Path.Combine(SnapshotFolder(commit), Local(file));

    public string Blob(string hash) => Path.Combine(_root, "blobs", hash);

    public string Lock(string hash) => Path.Combine(_locks, hash + ".lock");

    /// <summary>Whether a commit's file is there, and not a link to something that was deleted.</summary>
    public bool Has(string commit, string file)
    {
        var info = new FileInfo(SnapshotFile(commit, file));
        try
        {
            return info.Exists && (info.LinkTarget is null || info.ResolveLinkTarget(returnFinalTarget: true)?.Exists == true);
        }
        catch (IOException)
        {
            return false;    // a link to itself
        }
    }

    /// <summary>Whether it is known that a commit lacks a file.</summary>
    public bool Lacks(string commit, string file) => File.Exists(NoExist(commit, file));

    public void RememberLacking(string commit, string file)
    {
        string path = NoExist(commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
    }

    /// <summary>The commit a branch or tag stood for when the hub was last asked, or null.</summary>
    public string? Commit(string revision)
    {
        if (HubModelId.IsCommitHash(revision))
            return revision;
        string path = Path.Combine(_root, "refs", Local(revision));
        if (!File.Exists(path))
            return null;
        string commit = File.ReadAllText(path).Trim();
        return HubModelId.IsCommitHash(commit) ? commit : null;
    }

    public void RememberCommit(string revision, string commit)
    {
        if (Commit(revision) == commit)
            return;
        string path = Path.Combine(_root, "refs", Local(revision));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, commit);
    }

    /// <summary>Makes a blob appear as a file of a commit: as a relative link or, where links are not allowed, by moving it.</summary>
    public void Link(string commit, string file, string hash)
    {
        string path = SnapshotFile(commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (new FileInfo(path).LinkTarget is not null && !Has(commit, file))
            File.Delete(path);
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, Blob(hash)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Another process was first, or this is Windows without the right to make links.
            if (!Has(commit, file))
                File.Move(Blob(hash), path, overwrite: true);
        }
    }

    /// <summary>
    /// The folder of files of a repository whose place in the cache was given: of the commit that main stands for, or else of the only one.
    /// </summary>
    /// <param name="folder">A folder, such as models--org--name or the snapshots in it.</param>
    /// <param name="notes">Gets a line that says which was taken.</param>
    /// <returns>Null where the folder is none of the cache.</returns>
    /// <exception cref="FileNotFoundException">There are several commits, and nothing says which one is meant.</exception>
    public static string? SnapshotOf(string folder, List<string> notes)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.GetFileName(root) == "snapshots")
            root = Path.GetDirectoryName(root)!;
        string snapshots = Path.Combine(root, "snapshots");
        if (!Path.GetFileName(root).StartsWith("models--", StringComparison.Ordinal) || !Directory.Exists(snapshots))
            return null;
        string[] commits =
            [.. Directory.EnumerateDirectories(snapshots).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        string reference = Path.Combine(root, "refs", HubModelId.DefaultRevision);
        string? main = File.Exists(reference) ? File.ReadAllText(reference).Trim() : null;
        string? taken = Array.Find(commits, commit => commit == main) ?? (commits.Length == 1 ? commits[0] : null);
        if (taken is null)
        {
            throw new FileNotFoundException($"'{folder}' is a repository in the hub's cache with {commits.Length} revisions on disk: " +
                $"{string.Join(", ", commits)}. Give the folder of one of them below '{snapshots}'.", folder);
        }

        notes.Add($"'{folder}' is a repository in the hub's cache: revision {taken}{(taken == main ? " (main)" : "")} was taken" +
            (commits.Length == 1 ? "." : $" of {string.Join(", ", commits)}."));
        return Path.Combine(snapshots, taken);
    }

    private string NoExist(string commit, string file) => Path.Combine(_root, ".no_exist", commit, Local(file));

    private static string Local(string path) => path.Replace('/', Path.DirectorySeparatorChar);
}

/// <summary>A lock between processes: a file that is held open. On Unix it is the flock that Hugging Face's own tools take.</summary>
internal static class HubLock
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits for the lock; dispose the result to release it. The file stays, since deleting it would let two processes in.
    /// </summary>
    public static async Task<IDisposable> AcquireAsync(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (FileSharing.IsHeld(e))
            {
                if (waited.Elapsed > timeout)
                {
                    throw new HubException(
                        HubError.Locked,
                        $"Another process has held '{path}' for {timeout}. If no download is running, delete the file; otherwise wait " +
                        "and try again.", e);
                }
            }

            await Task.Delay(s_poll, cancellationToken).ConfigureAwait(false);
        }
    }
}
