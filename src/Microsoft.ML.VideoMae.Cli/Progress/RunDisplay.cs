// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Spectre.Console;

namespace VideoMaeCli.Progress;

/// <summary>Chooses how a run is shown.</summary>
internal static class RunDisplay
{
    /// <summary>Whether there is someone who sees bars: output that goes to a file or a pipe gets plain lines.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    public static IRunDisplay Create(Verbosity verbosity) =>
        IsTerminal && verbosity != Verbosity.Q ? new LiveDisplay() : new PlainDisplay(verbosity != Verbosity.Q);
}
