// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli;

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>An error, which is one line on the standard error.</summary>
    public const int Failed = 1;

    /// <summary>Done, but some videos could not be read, or something was found that should not be, or is out of tolerance.</summary>
    public const int SomethingWrong = 3;

    /// <summary>As shells report a program that Ctrl+C ended.</summary>
    public const int Cancelled = 130;
}
