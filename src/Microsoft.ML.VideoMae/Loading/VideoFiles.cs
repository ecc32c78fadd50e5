// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae;

/// <summary>What is taken for a video where a folder is looked through. A file that is named is read whatever its ending.</summary>
public static class VideoFiles
{
    private static readonly HashSet<string> s_extensions;
    private static readonly HashSet<string> s_pictures = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png" };

    static VideoFiles()
    {
        Extensions =
        [
            // ISO media
            ".mp4", ".m4v", ".mov", ".qt", ".f4v", ".mj2", ".mp4v", ".3gp", ".3gpp", ".3g2", ".3gp2", ".ismv", ".insv", ".lrv",
            ".mkv", ".mk3d", ".webm", ".avi", ".divx", ".flv", ".wmv", ".asf", ".dvr-ms", ".ogv", ".ogg", ".ogm",
            // MPEG 1 and 2, transport streams
            ".mpg", ".mpeg", ".mpe", ".m2p", ".vob", ".evo", ".mod", ".tod", ".m1v", ".m2v", ".mpv",
            ".ts", ".mts", ".m2ts", ".m2t", ".tp", ".trp",
            ".dv", ".dif", ".mxf", ".nut", ".rm", ".rmvb", ".wtv", ".ivf", ".y4m",
            // Bare streams
            ".h261", ".h263", ".h264", ".264", ".avc", ".h265", ".265", ".hevc", ".h266", ".266", ".vvc", ".obu", ".vc1", ".drc",
            ".gif", ".apng", ".webp",
        ];
        s_extensions = new HashSet<string>(Extensions, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The endings of file names that are taken for videos, with their dots, whatever their case: those of the formats that are read.
    /// </summary>
    public static IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file name has one of <see cref="Extensions"/>. The file is not looked at.</summary>
    /// <param name="path">A file name or path.</param>
    public static bool HasVideoExtension(string path) => s_extensions.Contains(Path.GetExtension(path));

    /// <summary>Whether a folder is read as one clip: it holds pictures (.jpg, .jpeg, .png), which are the frames, and no video.</summary>
    /// <param name="path">The folder; false where there is none, or where it cannot be listed.</param>
    public static bool IsFrameFolder(string path)
    {
        try
        {
            if (!Directory.Exists(path))
                return false;
            string[] names = [.. Directory.EnumerateFiles(path).Where(f => !Path.GetFileName(f).StartsWith('.'))];
            return names.Any(IsPicture) && !names.Any(HasVideoExtension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a file name is that of a frame.</summary>
    internal static bool IsPicture(string path) => s_pictures.Contains(Path.GetExtension(path));
}
