// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using Microsoft.ML.VideoMae.Checkpoints;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The folder of one run in a workspace.</summary>
/// <param name="workspace">The folder of all runs.</param>
/// <param name="name">The name of the run.</param>
internal sealed class RunFolder(string workspace, string name)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);

    /// <summary>The folder; it need not exist yet.</summary>
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(workspace), name);

    /// <summary>The seed of a run that was given none: the one drawn when it started first, so that it can go on.</summary>
    public int KeepSeed()
    {
        Directory.CreateDirectory(Path);
        while (true)
        {
            try
            {
                // Held while it is read and written: a run that was started twice at once has one seed, since both share a state.
                using var file = new FileStream(
                    System.IO.Path.Combine(Path, "seed.txt"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return ReadOrWrite(file);
            }
            catch (IOException e) when (FileSharing.IsHeld(e))
            {
                Thread.Sleep(s_poll);
            }
        }
    }

    private static int ReadOrWrite(FileStream file)
    {
        using var reader = new StreamReader(file);
        if (int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out int kept))
            return kept;
        int seed = Random.Shared.Next();
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(seed.ToString(CultureInfo.InvariantCulture)));
        return seed;
    }
}
