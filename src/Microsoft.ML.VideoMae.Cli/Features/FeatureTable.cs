// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace VideoMaeCli.Features;

/// <summary>Videos and their features.</summary>
/// <param name="Paths">The videos.</param>
/// <param name="Rows">A vector for each.</param>
internal sealed record FeatureTable(List<string> Paths, List<float[]> Rows)
{
    public void Add(string path, float[] row)
    {
        Paths.Add(path);
        Rows.Add(row);
    }
}
