// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// The first and the last errors that a program tells, as a broken file can cause millions, and the formats of the frames.
/// </summary>
internal sealed partial class ErrorLog
{
    private const int Kept = 20;
    private const int MaxLength = 400;

    private readonly List<string> _first = [];
    private readonly Queue<string> _last = new();
    private bool _isError = true;

    public IReadOnlyList<string> Lines => [.. _first, .. _last];

    public FormatLog Formats { get; } = new();

    public void Add(string line)
    {
        // A line without a level goes on with the message before it, or comes from a program that tells none.
        if (Level().Match(line) is { Success: true } level)
            _isError = level.Groups[1].Value is "error" or "fatal" or "panic";
        if (!_isError)
            Formats.Add(line);
        else
            Keep(line.Length > MaxLength ? line[..MaxLength] : line);
    }

    private void Keep(string line)
    {
        if (_first.Count < Kept)
        {
            _first.Add(line);
            return;
        }

        _last.Enqueue(line);
        if (_last.Count > Kept)
            _last.Dequeue();
    }

    [GeneratedRegex(@"^(?:\[[^\]]* @ [^\]]*\] ?)*\[(quiet|panic|fatal|error|warning|info|verbose|debug|trace)\] ")]
    private static partial Regex Level();
}
