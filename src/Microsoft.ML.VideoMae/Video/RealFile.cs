// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae;

/// <summary>The file behind symbolic links: length and time of a link say nothing of the video.</summary>
internal static class RealFile
{
    /// <summary>The file that a path leads to; null where it leads to none.</summary>
    public static FileInfo? Find(string path)
    {
        var info = new FileInfo(path);
        try
        {
            FileInfo? target = info.LinkTarget is null ? info : (FileInfo?)info.ResolveLinkTarget(returnFinalTarget: true);
            return target is { Exists: true } ? target : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The link leads nowhere, in a circle, or where this program may not look.
            return null;
        }
    }
}
