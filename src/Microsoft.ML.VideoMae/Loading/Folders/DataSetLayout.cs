// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>What the folders of a data set are: classes, or parts (train, val, test) with class folders in them.</summary>
internal static class DataSetLayout
{
    /// <summary>
    /// Whether the folders are parts. A class may be called 'train' too: beside other classes, with its videos directly in it.
    /// </summary>
    /// <exception cref="InvalidOperationException">It cannot be told, or videos for training are in no class folder.</exception>
    public static bool HasParts(IHost host, FolderNode root, string path)
    {
        FolderNode[] withVideos = [.. root.Folders.Where(f => f.HasClips)];
        FolderNode[] parts = [.. withVideos.Where(f => SplitName.Of(f.Name) is not null)];
        FolderNode[] others = [.. withVideos.Except(parts)];
        if (parts.Length == 0)
            return false;
        if (others.Length == 0)
            return parts.Any(p => p.Folders.Any(f => f.HasClips)) ? true : throw NoClasses(host, path, parts);
        FolderNode[] sure = [.. parts.Where(p => p.Folders.Any(f => f.HasClips && !f.IsFrames))];

        // Pictures beside a part (plots, thumbnails) are not taken for a class.
        if (sure.Length > 0 && others.All(f => f.IsFrames))
            return true;
        return sure.Select(p => SplitName.Of(p.Name)).Distinct().Count() switch
        {
            0 => false,
            1 => throw Unclear(host, path, sure[0], others),
            _ => true,
        };
    }

    /// <summary>
    /// The class folders, each with its part; an empty one where there are none. What is not used is added to what is left out.
    /// </summary>
    public static IEnumerable<(FolderNode Class, string Part)> Classes(FolderNode root, bool hasParts, LeftOut leftOut)
    {
        root.AddOwnLeftOut(leftOut);
        foreach (string video in root.Videos)
            leftOut.Add(LeftOutKind.LooseVideos, video);
        (FolderNode Class, string Part)[] classes = hasParts
            ? [.. root.Folders.SelectMany(f => ClassesOfPart(f, leftOut))]
            : [.. root.Folders.Where(f => IsClass(f, leftOut)).Select(f => (f, ""))];
        if (classes.All(c => c.Class.IsFrames))
            return classes;

        // Where others hold clips, a folder of pictures alone (thumbnails) is rather no class than a class of one clip.
        foreach ((FolderNode folder, _) in classes.Where(c => c.Class.IsFrames))
        {
            leftOut.Add(LeftOutKind.FoldersWithoutVideos, folder.Path);
            leftOut.Add(LeftOutKind.Pictures, folder.FirstPictures, folder.PictureCount);
        }

        return classes.Where(c => !c.Class.IsFrames);
    }

    private static IEnumerable<(FolderNode Class, string Part)> ClassesOfPart(FolderNode folder, LeftOut leftOut)
    {
        if (SplitName.Of(folder.Name) is not string part)
        {
            foreach ((LeftOutKind kind, string problem) in folder.Problems)
                leftOut.Add(kind, problem);
            if (!folder.IsUnlisted)
                leftOut.Add(LeftOutKind.OtherFolders, folder.Path);
            yield break;
        }

        folder.AddOwnLeftOut(leftOut);
        foreach (string video in folder.Videos)
            leftOut.Add(part == SplitName.Test ? LeftOutKind.UnlabelledTestVideos : LeftOutKind.LooseVideos, video);
        if (!folder.HasClips && !folder.IsUnlisted)
            leftOut.Add(LeftOutKind.FoldersWithoutVideos, folder.Path);
        foreach (FolderNode candidate in folder.Folders.Where(f => IsClass(f, leftOut)))
            yield return (candidate, part);
    }

    private static bool IsClass(FolderNode folder, LeftOut leftOut)
    {
        folder.AddLeftOut(leftOut);
        if (!folder.HasClips && !folder.IsUnlisted)
            leftOut.Add(LeftOutKind.FoldersWithoutVideos, folder.Path);
        return folder.HasClips;
    }

    private static Exception NoClasses(IHost host, string path, FolderNode[] parts) => host.Except(
        $"The data set folder '{path}' has {parts.Sum(p => p.Videos.Count)} videos in '{Names(parts)}' that are in no class folder. " +
        $"Expected: a folder for each class in it, such as '{parts[0].Name}/wave/clip1.mp4'; or a CSV list with a label for each video. " +
        "Where these are classes, call them otherwise.");

    private static Exception Unclear(IHost host, string path, FolderNode part, FolderNode[] others) => host.Except(
        $"It is not clear what the folders of '{path}' are: '{part.Name}' has class folders " +
        $"('{part.Folders.First(f => f.HasClips).Name}', ...), and beside it are videos in '{Names(others)}'. " +
        $"Where '{part.Name}' is a part of the data set, move the others elsewhere, or call them train, val (validation, dev) or test; " +
        "where it is a class, put its videos directly in it, or give it another name; or give a CSV list.");

    private static string Names(FolderNode[] folders) => string.Join("', '", folders.Take(5).Select(f => f.Name));
}
