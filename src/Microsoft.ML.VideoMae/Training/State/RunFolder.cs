// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The folder of one run in a workspace.</summary>
/// <param name="workspace">The folder of all runs.</param>
/// <param name="name">The name of the run.</param>
internal sealed class RunFolder(string workspace, string name)
{
    /// <summary>The folder; it need not exist yet.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(workspace), name);

    /// <summary>The seed of a run that was given none: the one drawn when it started first, so that it can go on.</summary>
    public int KeepSeed()
    {
        string path = System.IO.Path.Combine(Path, "seed.txt");
        if (File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out int kept))
            return kept;
        int seed = Random.Shared.Next();
        Directory.CreateDirectory(Path);
        string mine = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(mine, seed.ToString(CultureInfo.InvariantCulture));
        try
        {
            File.Move(mine, path, overwrite: false);
            return seed;
        }
        catch (IOException) when (File.Exists(path))
        {
            // The same run was started twice: both take the seed of the first, since they share a state.
            File.Delete(mine);
            return int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        }
    }
}
