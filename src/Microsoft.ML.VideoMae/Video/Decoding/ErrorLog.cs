// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>The first and the last lines of a program's messages: a broken file can cause millions.</summary>
internal sealed class ErrorLog
{
    private const int Kept = 20;
    private const int MaxLength = 400;

    private readonly List<string> _first = [];
    private readonly Queue<string> _last = new();

    public IReadOnlyList<string> Lines => [.. _first, .. _last];

    public void Add(string line)
    {
        if (line.Length > MaxLength)
            line = line[..MaxLength];
        if (_first.Count < Kept)
        {
            _first.Add(line);
            return;
        }

        _last.Enqueue(line);
        if (_last.Count > Kept)
            _last.Dequeue();
    }
}
