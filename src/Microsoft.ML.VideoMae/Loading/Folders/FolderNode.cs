// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>What a folder holds, and the folders below it.</summary>
/// <param name="path">The full path.</param>
internal sealed class FolderNode(string path)
{
    public string Path { get; } = path;

    public string Name { get; } = System.IO.Path.GetFileName(path);

    /// <summary>The videos directly in it, in natural order.</summary>
    public List<string> Videos { get; } = [];

    /// <summary>The folders in it, in natural order.</summary>
    public List<FolderNode> Folders { get; } = [];

    /// <summary>The first pictures directly in it: a clip of frames may have thousands.</summary>
    public List<string> FirstPictures { get; } = [];

    /// <summary>The number of all pictures directly in it.</summary>
    public int PictureCount { get; set; }

    /// <summary>Other files directly in it.</summary>
    public List<string> Others { get; } = [];

    /// <summary>What cannot be used, and why.</summary>
    public List<(LeftOutKind Kind, string Path)> Problems { get; } = [];

    /// <summary>Whether it could not be listed at all.</summary>
    public bool IsUnlisted => Problems.Any(p => p.Path == Path);

    /// <summary>Whether it is a clip itself: pictures, and no video here or below.</summary>
    public bool IsFrames => PictureCount > 0 && Videos.Count == 0 && !Folders.Any(f => f.HasClips);

    /// <summary>Whether there is a clip here or below.</summary>
    public bool HasClips => Videos.Count > 0 || PictureCount > 0 || Folders.Any(f => f.HasClips);

    /// <summary>The clips here and below, in natural order of their paths.</summary>
    public IEnumerable<string> Clips() => ClipsInAnyOrder().Order(NaturalOrder.Instance);

    private IEnumerable<string> ClipsInAnyOrder() => IsFrames ? [Path] : Videos.Concat(Folders.SelectMany(f => f.ClipsInAnyOrder()));

    /// <summary>Adds what is not used of it and of the folders below.</summary>
    public void AddLeftOut(LeftOut leftOut)
    {
        AddOwnLeftOut(leftOut);
        foreach (FolderNode folder in Folders)
            folder.AddLeftOut(leftOut);
    }

    /// <summary>Adds what is not used of the files directly in it.</summary>
    public void AddOwnLeftOut(LeftOut leftOut)
    {
        foreach ((LeftOutKind kind, string problem) in Problems)
            leftOut.Add(kind, problem);
        foreach (string file in Others)
            leftOut.Add(LeftOutKind.OtherFiles, file);
        if (PictureCount > 0 && !IsFrames)
            leftOut.Add(LeftOutKind.Pictures, FirstPictures, PictureCount);
    }
}
