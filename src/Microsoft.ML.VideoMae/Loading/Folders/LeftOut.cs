// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>
/// Why something in a folder is not used: first what a user may miss, then what is no video. Lines name them in this order.
/// </summary>
internal enum LeftOutKind
{
    LooseVideos,
    UnlabelledTestVideos,
    EmptyFiles,
    BrokenLinks,
    NotUtf8,
    Unlistable,
    Circles,
    FoldersWithoutVideos,
    OtherFolders,
    UnseenFolders,
    Pictures,
    OtherFiles,
    Hidden,
}

/// <summary>What a folder holds that is not used: gathered, and said in one line.</summary>
/// <param name="root">The folder, as the user wrote it.</param>
internal sealed class LeftOut(string root)
{
    /// <summary>The channel of lines that tell of videos: a listener may treat them as more than notes about other files.</summary>
    public const string VideosChannel = "Leaving out videos";
    private const string FilesChannel = "Leaving out files";
    private const int MostNamed = 3;
    private const int MostEndings = 8;

    private readonly SortedDictionary<LeftOutKind, List<string>> _paths = [];
    private readonly Dictionary<LeftOutKind, int> _counts = [];

    /// <summary>Adds a file or folder.</summary>
    public void Add(LeftOutKind kind, string path) => Add(kind, [path], 1);

    /// <summary>Adds several of which some are named.</summary>
    public void Add(LeftOutKind kind, IEnumerable<string> named, int count)
    {
        if (!_paths.TryGetValue(kind, out List<string>? paths))
            _paths[kind] = paths = [];
        paths.AddRange(named);
        _counts[kind] = _counts.GetValueOrDefault(kind) + count;
    }

    /// <summary>Says it: a warning, or for hidden files alone, which nobody misses, a note.</summary>
    public void Report(IHost host)
    {
        if (_paths.Count == 0)
            return;
        bool isMissed = _paths.Keys.Any(kind => kind < LeftOutKind.OtherFolders);
        using IChannel channel = host.Start(isMissed ? VideosChannel : FilesChannel);
        if (_paths.Keys.All(kind => kind == LeftOutKind.Hidden))
            channel.Info(ToString());
        else
            channel.Warning(ToString());
    }

    /// <summary>One line with counts and the first names; empty where nothing is left out.</summary>
    public override string ToString() =>
        _paths.Count == 0 ? "" : $"Left out of '{root}': {string.Join("; ", _paths.Select(p => Describe(p.Key, p.Value)))}.";

    private string Describe(LeftOutKind kind, List<string> paths) => kind switch
    {
        LeftOutKind.LooseVideos => $"videos in no class folder: {Names(kind)}",
        LeftOutKind.UnlabelledTestVideos => $"test videos without a class: {Names(kind)}; a trained model predicts them " +
            $"(videomae predict MODEL.zip '{Path.Combine(root, Relative(Path.GetDirectoryName(paths[0])!))}')",
        LeftOutKind.EmptyFiles => $"empty files (0 bytes): {Names(kind)}",
        LeftOutKind.BrokenLinks => $"links that lead to no file: {Names(kind)}",
        LeftOutKind.NotUtf8 => $"names that are not UTF-8, so that they cannot be opened: {Names(kind)}; rename them",
        LeftOutKind.Unlistable => $"folders that cannot be listed: {Names(kind)}; look at their permissions",
        LeftOutKind.Circles => $"links to a folder that they are in: {Names(kind)}",
        LeftOutKind.FoldersWithoutVideos => $"folders without videos: {Names(kind)}",
        LeftOutKind.OtherFolders => $"other folders: {Names(kind, path => $"{Quoted(path)} with {FileCount(path)} files")}",
        LeftOutKind.UnseenFolders => $"folders in it, which are not looked into: {Names(kind)}",
        LeftOutKind.Pictures => $"pictures beside videos: {Names(kind)}",
        LeftOutKind.OtherFiles => $"other files: {Endings(paths)}, such as {Quoted(paths[0])}",
        _ => $"hidden files and folders: {Names(kind)}",
    };

    private string Names(LeftOutKind kind, Func<string, string>? name = null) =>
        $"{_counts[kind]} " +
        $"({string.Join(", ", _paths[kind].Take(MostNamed).Select(name ?? Quoted))}{(_counts[kind] > MostNamed ? ", ..." : "")})";

    private static int FileCount(string folder) =>
        Directory.EnumerateFiles(folder, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 8 }).Count();

    private static string Endings(List<string> paths)
    {
        string[] endings = [.. paths.GroupBy(p => Path.GetExtension(p), StringComparer.OrdinalIgnoreCase).OrderByDescending(g => g.Count())
            .Select(g => $"{g.Count()} {(g.Key.Length == 0 ? "without an ending" : g.Key)}")];
        return $"{paths.Count} ({string.Join(", ", endings.Take(MostEndings))}{(endings.Length > MostEndings ? ", ..." : "")})";
    }

    private string Quoted(string path) => $"'{Relative(path)}'";

    private string Relative(string path) => Path.GetRelativePath(Path.GetFullPath(root), path);
}
