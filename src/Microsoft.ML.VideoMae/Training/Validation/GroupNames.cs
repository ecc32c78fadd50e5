// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Suspects, from file names alone, that several clips were cut from one source: 'v_Run_g01_c01' and 'v_Run_g01_c02'.</summary>
internal static partial class GroupNames
{
    /// <summary>Fewer sources a class than this are no sources but the name of the class.</summary>
    private const int FewestSources = 3;

    /// <summary>Two names that seem to be of one source; null where names suggest no such groups.</summary>
    public static (string First, string Second)? Suspect(IReadOnlyList<ClipExample> examples)
    {
        string[] paths = [.. examples.Select(e => e.Video.Path).OfType<string>()];
        if (paths.Length < examples.Count || paths.Length == 0)
            return null;
        var stems = paths
            .GroupBy(p => (Path.GetDirectoryName(p), Stem: LastNumber().Replace(Path.GetFileNameWithoutExtension(p), "")))
            .ToArray();
        var shared = stems.Where(s => s.Count() > 1 && s.Key.Stem.Any(char.IsDigit)).ToArray();
        int classes = examples.Select(e => e.ClassIndex).Distinct().Count();
        return shared.Length >= FewestSources * classes && shared.Sum(s => s.Count()) * 2 > paths.Length
            ? (Path.GetFileName(shared[0].ElementAt(0)), Path.GetFileName(shared[0].ElementAt(1)))
            : null;
    }

    [GeneratedRegex(@"[_\-. ]?[A-Za-z]{0,4}\d+$")]
    private static partial Regex LastNumber();
}
