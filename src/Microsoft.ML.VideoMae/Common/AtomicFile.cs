// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Writes a file or a folder under a temporary name and moves it into place: a reader sees what was there before or the whole new one.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file through a stream, down to the disk.</summary>
    internal static void Write(string path, Action<Stream> write) => Place(path, Temporary(path), temporary =>
    {
        using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Writes a text as UTF-8, down to the disk.</summary>
    internal static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a file by its name.</summary>
    internal static void WriteByName(string path, Action<string> write) => Place(path, Temporary(path), write);

    /// <summary>Writes a file under a given name and moves it to its own, which has to be on the same disk.</summary>
    internal static void Place(string path, string temporary, Action<string> write)
    {
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes a folder that is not there yet.</summary>
    internal static void WriteFolder(string path, Action<string> write)
    {
        string temporary = Temporary(path);
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            Directory.Move(temporary, path);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private static string Temporary(string path) => $"{Path.GetFullPath(path)}.{Guid.NewGuid():N}.tmp";
}

/// <summary>Tells files that another process holds from those that cannot be opened at all.</summary>
internal static class FileSharing
{
    /// <summary>Whether waiting may help. Windows: sharing or lock violation; Linux and macOS: EWOULDBLOCK.</summary>
    public static bool IsHeld(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult is 11 or 35;
}
