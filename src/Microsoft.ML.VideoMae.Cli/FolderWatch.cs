// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace VideoMaeCli;

/// <summary>Finds the files that arrive in a folder, each once it has stopped growing.</summary>
/// <param name="folder">The folder; what is below it is not watched.</param>
/// <remarks>It looks again and again: change notifications are not there on network shares, and do not say when a file is complete.</remarks>
internal sealed class FolderWatch(string folder)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.5);

    /// <summary>The new files, until it is stopped. Those that were there before are not among them.</summary>
    public IEnumerable<string> Arrivals(CancellationToken stop)
    {
        HashSet<string> known = [.. Files().Select(f => f.FullName)];
        Dictionary<string, (long Length, DateTime Written)> growing = [];
        while (!stop.WaitHandle.WaitOne(s_pause))
        {
            foreach (FileInfo file in Files().Where(f => !known.Contains(f.FullName)))
            {
                (long, DateTime) state = (file.Length, file.LastWriteTimeUtc);
                if (growing.TryGetValue(file.FullName, out (long, DateTime) before) && before == state && file.Length > 0)
                {
                    known.Add(file.FullName);
                    growing.Remove(file.FullName);
                    yield return file.FullName;
                }
                else
                {
                    growing[file.FullName] = state;
                }
            }
        }
    }

    private FileInfo[] Files() => [.. new DirectoryInfo(folder).EnumerateFiles().Where(f => !f.Name.StartsWith('.')).OrderBy(f => f.Name, StringComparer.Ordinal)];
}
