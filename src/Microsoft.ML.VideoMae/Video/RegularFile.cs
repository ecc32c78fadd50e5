// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.VideoMae;

/// <summary>A file as it is once every link to it is followed. Nothing is opened: to open a named pipe would wait for ever.</summary>
/// <remarks>.NET tells the length and the time of a link itself, and says of a link to nothing that it exists.</remarks>
/// <param name="Exists">True if there is something at the end of the links that is no folder.</param>
/// <param name="Length">The number of bytes; 0 for pipes, devices and sockets.</param>
/// <param name="WrittenUtc">When the file was written last.</param>
/// <param name="LinkTarget">
/// Null if the path is no link; otherwise the file at the end of the links, or what the link says if that is no file.
/// </param>
internal sealed record RegularFile(bool Exists, long Length, DateTime WrittenUtc, string? LinkTarget)
{
    /// <summary>Linux follows as many; more are taken for a circle.</summary>
    private const int MostLinks = 40;

    private static readonly char[] s_separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>What is wrong with the file, as the begin of a message; null if it has bytes to read.</summary>
    public string? Problem => (Exists, LinkTarget) switch
    {
        (false, null) => "there is no such file.",
        (false, _) => $"it is a link to '{LinkTarget}', and there is no such file.",
        (true, null) when Length == 0 => "it has no bytes.",
        (true, _) when Length == 0 => $"it is a link to '{LinkTarget}', which has no bytes.",
        _ => null,
    };

    /// <summary>Follows the links of a path.</summary>
    /// <param name="path">The path of a file.</param>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be looked at.</exception>
    public static RegularFile Of(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is not string link)
            return Of(info, null);
        FileInfo? target = Follow(info.FullName);
        if (target is { Exists: true })
            return Of(target, target.FullName);

        // Linux shows what a process has opened as links to no names, as '/dev/fd/63' to
        // 'pipe:[4711]': there is something, and it is no file.
        bool isOpened = OperatingSystem.IsLinux() && target is not null && target.FullName.StartsWith("/proc/", StringComparison.Ordinal);
        return new RegularFile(isOpened, 0, default, isOpened ? target!.Name : link);
    }

    private static RegularFile Of(FileInfo info, string? target)
        => info.Exists ? new RegularFile(true, info.Length, info.LastWriteTimeUtc, target) : new RegularFile(false, 0, default, target);

    /// <summary>
    /// Goes along a path part by part, as the system does: '..' after a link to a folder means the folder above that one.
    /// </summary>
    private static FileInfo? Follow(string path)
    {
        string current = Path.GetPathRoot(path)!;
        var rest = new Stack<string>();
        Push(rest, path);
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }

            string next = Path.Join(current, part);
            if (new FileInfo(next).LinkTarget is not string target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
                return null;
            if (Path.IsPathRooted(target))
                current = Path.GetPathRoot(target)!;
            Push(rest, target);
        }

        return new FileInfo(current);
    }

    private static void Push(Stack<string> rest, string path)
    {
        string[] parts = path[Path.GetPathRoot(path)!.Length..].Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] != ".")
                rest.Push(parts[i]);
        }
    }
}
