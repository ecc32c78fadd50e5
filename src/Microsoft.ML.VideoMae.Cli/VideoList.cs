// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Turns what stands on a command line into videos.</summary>
/// <param name="ml">Looks through folders, and logs what is left out of them.</param>
/// <param name="note">Gets a line about what else is left out.</param>
internal sealed class VideoList(MLContext ml, Action<string> note)
{
    /// <summary>What .NET puts in place of bytes of a name that are not UTF-8.</summary>
    private const char Replacement = '\uFFFD';

    /// <summary>Files as they are, the videos of folders, what a wildcard finds, and for '-' the lines of the standard input.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or nothing in a folder or of a wildcard.</exception>
    public string[] Expand(IEnumerable<string> arguments) => [.. arguments.SelectMany(Expand)];

    /// <summary>Ends early where no video could be read at all, rather than say so of every single one.</summary>
    /// <exception cref="VideoReadException">The decoder is missing; the message says what to install.</exception>
    public static void CheckDecoder(string video)
    {
        try
        {
            VideoReader.Default.Probe(MLVideo.CreateFromFile(video));
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            // This video alone is the trouble, and is reported in its turn.
        }
    }

    private IEnumerable<string> Expand(string argument)
    {
        if (argument == "-")
            return FromInput();
        if (File.Exists(argument))
            return [argument];
        if (Directory.Exists(argument))
            return InFolder(argument);
        if (argument.AsSpan().ContainsAny('*', '?'))
            return OfWildcard(argument);
        string advice = argument.Contains(Replacement)
            ? "Its name is not UTF-8, so that it cannot be opened: rename it."
            : "Give files, folders, wildcards, or - for a list on the standard input.";
        throw new FileNotFoundException($"There is no video '{argument}'. {advice}");
    }

    private string[] FromInput()
    {
        string[] lines = Console.In.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] unknown = [.. lines.Where(l => l.Contains(Replacement) && !Path.Exists(l))];
        if (unknown.Length > 0)
        {
            note($"Warning: {unknown.Length} of {lines.Length} names on the standard input are not " +
                "UTF-8, so that the files cannot be opened, " +
                $"such as '{unknown[0]}'. Rename them.");
        }

        return lines;
    }

    /// <summary>Named as the folder is: what is printed can be found from here.</summary>
    private IEnumerable<string> InFolder(string folder)
    {
        string full = Path.GetFullPath(folder);
        return ml.Data.LoadUnlabeledVideosFromDirectory(folder, includeSubfolders: false).GetColumn<string>("VideoPath")
            .Select(path => Path.GetRelativePath(full, path) is var relative && relative == "." ? folder : Path.Combine(folder, relative));
    }

    /// <summary>A wildcard with an ending of its own asks for these files; another one finds what is taken for videos.</summary>
    private string[] OfWildcard(string argument)
    {
        string folder = Path.GetDirectoryName(argument) is { Length: > 0 } parent ? parent : ".", pattern = Path.GetFileName(argument);
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"There is no folder '{folder}'.");
        string[] files = Visible(Directory.EnumerateFiles(folder, pattern)), folders =
            Visible(Directory.EnumerateDirectories(folder, pattern));
        bool isNamed = Path.GetExtension(pattern) is { Length: > 1 } ending && !ending.AsSpan().ContainsAny('*', '?');
        string[] found = [.. files.Where(f => isNamed || VideoFiles.HasVideoExtension(f)), .. folders.Where(VideoFiles.IsFrameFolder)];
        string[] others = [.. files.Concat(folders).Except(found)];
        if (found.Length == 0)
            throw new FileNotFoundException(
                $"'{argument}' finds no videos{(others.Length > 0 ? $", but {others.Length} others, such as '{others[0]}'" : "")}.");
        if (others.Length > 0)
            note($"Warning: left out of '{argument}': {others.Length} that are no videos, such as '{others[0]}'.");
        return found;
    }

    private static string[] Visible(IEnumerable<string> paths) =>
        [.. paths.Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal)];
}
