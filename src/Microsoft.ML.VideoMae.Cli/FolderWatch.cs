// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Finds the videos that arrive in a folder, each once it has stopped growing.</summary>
/// <param name="folder">The folder; of folders in it, those that hold the frames of a clip arrive too.</param>
/// <param name="note">Gets a line for each other file that arrives.</param>
/// <remarks>
/// It looks again and again: change notifications are not there on network shares, and do not say when a file is complete.
/// </remarks>
internal sealed class FolderWatch(string folder, Action<string> note)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.5);

    /// <summary>Between two frames of a folder there may be a pause.</summary>
    private const int LooksAtFrames = 4;

    private sealed record State(int Files, long Length, DateTime Written);

    /// <summary>The new videos, until it is stopped. Those that were there before are not among them.</summary>
    public IEnumerable<string> Arrivals(CancellationToken stop)
    {
        HashSet<string> known = [.. Entries()];
        Dictionary<string, (State State, int Seen)> growing = [];
        while (!stop.WaitHandle.WaitOne(s_pause))
        {
            foreach (string path in Entries().Where(p => !known.Contains(p)))
            {
                bool isFrames = VideoFiles.IsFrameFolder(path);
                if (!isFrames && IsOther(path, known) || StateOf(path, isFrames) is not State state)
                    continue;
                int seen = growing.TryGetValue(path, out (State State, int Seen) before) && before.State == state && state.Length > 0
                    ? before.Seen + 1
                    : 0;
                growing[path] = (state, seen);
                if (seen < (isFrames ? LooksAtFrames : 1))
                    continue;
                known.Add(path);
                growing.Remove(path);
                yield return path;
            }
        }
    }

    /// <summary>What is no video is said once. A folder without pictures may get some yet.</summary>
    private bool IsOther(string path, HashSet<string> known)
    {
        bool isFolder = Directory.Exists(path);
        string? why = isFolder
            ? Directory.EnumerateFiles(path).Any(VideoFiles.HasVideoExtension)
                ? "is a folder; what is below the watched one is not watched"
                : null
            : !File.Exists(path) ? "is not found by its name: the name is not UTF-8, or the file is gone again"
            : VideoFiles.HasVideoExtension(path) ? null
            : "has no ending of a video";
        if (why is not null)
        {
            known.Add(path);
            note($"Warning: left out: '{path}' {why}.");
        }

        return isFolder || why is not null;
    }

    /// <summary>What changes while something is written; null where it is gone again.</summary>
    private static State? StateOf(string path, bool isFrames)
    {
        try
        {
            FileInfo[] files = isFrames ? new DirectoryInfo(path).GetFiles()
                : [(FileInfo?)new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(path)];
            return new State(files.Length, files.Sum(f => f.Length), files.Max(f => f.LastWriteTimeUtc));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string[] Entries() =>
        [.. Directory.EnumerateFileSystemEntries(folder).Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal)];
}
