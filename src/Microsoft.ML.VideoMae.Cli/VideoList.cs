// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Turns what stands on a command line into videos.</summary>
internal static class VideoList
{
    /// <summary>Files as they are, the files of folders, what a wildcard finds, and for '-' the lines of the standard input.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or nothing in a folder or of a wildcard.</exception>
    public static string[] Expand(IEnumerable<string> arguments) => [.. arguments.SelectMany(Expand)];

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

    private static IEnumerable<string> Expand(string argument)
    {
        if (argument == "-")
            return Console.In.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (File.Exists(argument))
            return [argument];
        string[] found = Directory.Exists(argument) ? Visible(argument, "*")
            : argument.AsSpan().ContainsAny('*', '?') ? Visible(Path.GetDirectoryName(argument) is { Length: > 0 } folder ? folder : ".", Path.GetFileName(argument))
            : throw new FileNotFoundException($"There is no video '{argument}'. Give files, folders, wildcards, or - for a list on the standard input.");
        return found.Length > 0 ? found : throw new FileNotFoundException($"'{argument}' holds no files.");
    }

    private static string[] Visible(string folder, string pattern) => !Directory.Exists(folder)
        ? throw new FileNotFoundException($"There is no folder '{folder}'.")
        : [.. Directory.EnumerateFiles(folder, pattern).Where(f => !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal)];
}
