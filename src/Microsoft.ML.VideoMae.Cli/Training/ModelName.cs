// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace VideoMaeCli.Training;

/// <summary>The name of a model, which is that of its files too.</summary>
internal static class ModelName
{
    /// <summary>File systems allow 255 bytes; endings and the marks of unfinished files come after it.</summary>
    private const int MostBytes = 150;

    /// <exception cref="ArgumentException">
    /// Files cannot be called so, here or where they are copied to, or code cannot speak of them.
    /// </exception>
    public static void Check(string name)
    {
        bool isFileName = !string.IsNullOrWhiteSpace(name) && name is not ("." or "..")
            && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0;
        if (!isFileName || name != name.Trim() || name.Any(IsInvisible))
        {
            throw new ArgumentException(
                $"--name is '{string.Concat(name.Select(c => IsInvisible(c) ? '?' : c))}'; it has to be the name of a file, " +
                "without control characters, and without spaces around it.");
        }

        if (Encoding.UTF8.GetByteCount(name) > MostBytes)
            throw new ArgumentException(
                $"--name has {Encoding.UTF8.GetByteCount(name)} bytes; files of the model are called so, and {MostBytes} is the most.");
    }

    /// <summary>Such characters end a line, in code too.</summary>
    private static bool IsInvisible(char c) =>
        char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
