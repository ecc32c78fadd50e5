// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Caching;

/// <summary>The entries of a cache on disk: adds them in one step, and keeps their sum bounded.</summary>
internal sealed class CacheFolder
{
    private const string Extension = ".frames";
    private const string TemporaryExtension = ".tmp";
    private const int AddsBetweenScans = 64;    // other processes write to the folder, too

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly object _lock = new();
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);
    private long _bytes;
    private int _adds;

    public CacheFolder(string folder, long maxBytes)
    {
        _folder = folder;
        _maxBytes = maxBytes;
        Directory.CreateDirectory(folder);
        DeleteOldTemporaries();
        Scan();
    }

    public string PathOf(string key) => Path.Combine(_folder, key[..2], key + Extension);

    /// <summary>Whether there is an entry, which may be damaged.</summary>
    public bool Has(string key) => File.Exists(PathOf(key));

    /// <summary>Notes that this process uses an entry: it stays when room is made.</summary>
    public void Used(string key)
    {
        if (!_used.TryAdd(key, true))
            return;
        try
        {
            File.SetLastWriteTimeUtc(PathOf(key), DateTime.UtcNow);     // tells other processes how recent it is
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed by another process, or a folder that may only be read: the entry was read all the same.
        }
    }

    public void Remove(string key)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Still open elsewhere: whoever opens it next finds the damage again.
        }
    }

    /// <summary>Writes an entry under another name and moves it into place; false if there is no room for it.</summary>
    public bool TryAdd(string key, Action<Stream> write, long estimatedBytes)
    {
        if (!MakeRoom(estimatedBytes))
            return false;
        string path = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = Path.Combine(_folder, Path.GetRandomFileName() + TemporaryExtension);
        long bytes = 0;
        AtomicFile.Place(path, temporary, file =>
        {
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.ReadWrite);
            write(stream);
            bytes = stream.Length;
        });
        lock (_lock)
            _bytes += bytes;
        return true;
    }

    private bool MakeRoom(long bytes)
    {
        lock (_lock)
        {
            if (++_adds % AddsBetweenScans == 0)
                Scan();
            if (_bytes + bytes <= _maxBytes)
                return true;
            Scan();
            foreach (FileInfo file in Entries().OrderBy(f => f.LastWriteTimeUtc))
            {
                if (_bytes + bytes <= _maxBytes)
                    break;
                if (_used.ContainsKey(Path.GetFileNameWithoutExtension(file.Name)))
                    continue;
                _bytes -= file.Length;
                file.Delete();
            }

            return _bytes + bytes <= _maxBytes;
        }
    }

    private void Scan() => _bytes = Entries().Sum(file => file.Length);

    private List<FileInfo> Entries()
    {
        // A file that another process deletes meanwhile has no length any more.
        var files = new List<FileInfo>();
        foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*" + Extension, SearchOption.AllDirectories))
        {
            if (file.Exists)
                files.Add(file);
        }

        return files;
    }

    /// <summary>Removes what processes that were killed left behind.</summary>
    private void DeleteOldTemporaries()
    {
        foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*" + TemporaryExtension))
        {
            if (file.Exists && file.LastWriteTimeUtc < DateTime.UtcNow.AddHours(-6))
                file.Delete();
        }
    }
}
