// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace VideoMaeCli.Scoring;

/// <summary>The names by which the tool shows classes: a name that several have is followed by the index of each.</summary>
internal static class ClassNames
{
    /// <summary>Names of which no two are alike, such as 'crane (134)' and 'crane (517)'.</summary>
    public static string[] Distinct(IReadOnlyList<string> names)
    {
        HashSet<string> several = [.. names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key)];
        string[] shown = [.. names.Select((name, i) => several.Contains(name) ? $"{name} ({i})" : name)];
        // A class may be called 'crane (1)' by itself.
        return several.Count == 0 || shown.Distinct().Count() == shown.Length ? shown : Distinct(shown);
    }
}
