// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Looks through a folder. What cannot be listed or opened is a problem of its folder, and does not end the others.</summary>
/// <param name="deepest">How many levels of folders below the first are looked into.</param>
/// <param name="list">Lists a folder; null is the file system.</param>
internal sealed class FolderReader(int deepest = int.MaxValue, Func<string, IEnumerable<FileSystemInfo>>? list = null)
{
    private const char Replacement = '\uFFFD';
    private const int PicturesKept = 3;

    /// <summary>Folders that systems make for themselves.</summary>
    private static readonly HashSet<string> s_system = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information",
    };

    private readonly Func<string, IEnumerable<FileSystemInfo>> _list = list
        ?? (static path => new DirectoryInfo(path).EnumerateFileSystemInfos());

    /// <summary>Reads a folder and what is below it.</summary>
    public FolderNode Read(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Read(full, [full, Target(new DirectoryInfo(full)) ?? full], 0);
    }

    private FolderNode Read(string path, string[] above, int depth)
    {
        var node = new FolderNode(path);
        FileSystemInfo[] entries;
        try
        {
            entries = [.. _list(path).OrderBy(e => e.Name, NaturalOrder.Instance)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // .NET gives such names with a sign in place of what it cannot decode, and then does not find them.
            node.Problems.Add((IsNotUtf8(path) ? LeftOutKind.NotUtf8 : LeftOutKind.Unlistable, path));
            return node;
        }

        foreach (FileSystemInfo entry in entries)
        {
            // Hidden files of other kinds (.DS_Store) are everywhere, and nobody looks for them.
            bool isHidden = entry.Name.StartsWith('.');
            if (entry is DirectoryInfo && s_system.Contains(entry.Name))
                node.Problems.Add((LeftOutKind.OtherFolders, Path.Combine(path, entry.Name)));
            else if (isHidden && (entry is DirectoryInfo || VideoFiles.HasVideoExtension(entry.Name)))
                node.Problems.Add((LeftOutKind.Hidden, Path.Combine(path, entry.Name)));
            else if (!isHidden && entry is DirectoryInfo folder)
                AddFolder(node, folder, above, depth);
            else if (!isHidden)
                AddFile(node, entry);
        }

        return node;
    }

    private void AddFolder(FolderNode node, DirectoryInfo folder, string[] above, int depth)
    {
        if (depth >= deepest)
            return;
        string path = Path.Combine(node.Path, folder.Name), real = Target(folder) ?? path;
        if (above.Contains(real, StringComparer.Ordinal))
            node.Problems.Add((LeftOutKind.Circles, path));
        else
            node.Folders.Add(Read(path, [.. above, path, real], depth + 1));
    }

    private static void AddFile(FolderNode node, FileSystemInfo file)
    {
        string path = Path.Combine(node.Path, file.Name);
        if (VideoFiles.IsPicture(file.Name))
        {
            node.PictureCount++;
            if (node.FirstPictures.Count < PicturesKept)
                node.FirstPictures.Add(path);
        }
        else if (!VideoFiles.HasVideoExtension(file.Name))
        {
            node.Others.Add(path);
        }
        else if (WhatIsWrong(path) is LeftOutKind kind)
        {
            node.Problems.Add((kind, path));
        }
        else
        {
            node.Videos.Add(path);
        }
    }

    /// <summary>Why a file with a video's name is left out; null where it is not.</summary>
    private static LeftOutKind? WhatIsWrong(string path)
    {
        try
        {
            var file = RegularFile.Of(path);
            if (file.Exists)
                return file.Length == 0 ? LeftOutKind.EmptyFiles : null;
        }
        catch (UnauthorizedAccessException)
        {
            // The link leads to where this program may not look.
        }

        return IsNotUtf8(path) ? LeftOutKind.NotUtf8 : LeftOutKind.BrokenLinks;
    }

    private static bool IsNotUtf8(string path) => path.Contains(Replacement) && !Path.Exists(path);

    /// <summary>Where a link leads to; null for a folder that is none.</summary>
    private static string? Target(DirectoryInfo folder)
    {
        try
        {
            return folder.LinkTarget is null
                ? null
                : Path.TrimEndingDirectorySeparator(folder.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
