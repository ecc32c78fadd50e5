// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>
/// Lists a folder that has one folder per class, or folders for training, validation and test that have; or all videos of a folder.
/// </summary>
internal static class VideoDirectory
{
    private const string SomeExtensions = ".mp4, .mov, .avi, .mkv or .webm";

    private class PathRow
    {
        public string VideoPath { get; init; } = "";
    }

    private class Row : PathRow
    {
        public string Label { get; init; } = "";
    }

    /// <summary>A column that is always there would have to be in every class that a model's input is predicted from.</summary>
    private sealed class SplitRow : Row
    {
        public string Split { get; init; } = "";
    }

    public static IDataView Load(IHostEnvironment env, string path)
    {
        IHost host = Register(env, path, "data set folder");
        FolderNode root = new FolderReader().Read(path);
        bool hasSplits = DataSetLayout.HasParts(host, root, path);
        var leftOut = new LeftOut(path);
        (FolderNode Class, string Part)[] classes = [.. DataSetLayout.Classes(root, hasSplits, leftOut)];
        SplitRow[] rows = [.. classes.SelectMany(
            c => c.Class.Clips().Select(clip => new SplitRow { VideoPath = clip, Label = c.Class.Name, Split = c.Part }))];
        if (rows.Length == 0)
            throw Nothing(host, path, root);
        leftOut.Report(host);
        using IChannel channel = host.Start("Listing");
        WarnOfSingleClips(channel, [.. classes.Select(c => c.Class).Where(c => c.IsFrames)]);
        WarnOfMixture(channel, [.. rows.Select(r => r.VideoPath)]);
        string splits = hasSplits ? $" ({string.Join(", ", rows.GroupBy(r => r.Split).Select(g => $"{g.Count()} {g.Key}"))})" : "";
        channel.Info($"{rows.Length} videos of {rows.DistinctBy(r => r.Label).Count()} classes were found in '{path}'{splits}.");
        return hasSplits
            ? DataViewConstructionUtils.CreateFromEnumerable(host, rows)
            : DataViewConstructionUtils.CreateFromEnumerable<Row>(host, rows);
    }

    public static IDataView LoadUnlabeled(IHostEnvironment env, string path, bool includeSubfolders)
    {
        IHost host = Register(env, path, "folder");
        FolderNode root = new FolderReader(includeSubfolders ? int.MaxValue : 1).Read(path);
        var leftOut = new LeftOut(path);
        string[] clips;
        if (includeSubfolders || root.IsFrames)
        {
            root.AddLeftOut(leftOut);
            clips = [.. root.Clips()];
        }
        else
        {
            root.AddOwnLeftOut(leftOut);
            foreach (FolderNode folder in root.Folders.Where(f => !f.IsFrames))
                leftOut.Add(LeftOutKind.UnseenFolders, folder.Path);
            clips = [.. root.Videos.Concat(root.Folders.Where(f => f.IsFrames).Select(f => f.Path)).Order(NaturalOrder.Instance)];
        }

        if (clips.Length == 0)
        {
            throw host.Except(
                $"The folder '{path}' holds no videos (files such as {SomeExtensions}, or folders of pictures). {leftOut}".TrimEnd());
        }

        leftOut.Report(host);
        using IChannel channel = host.Start("Listing");
        WarnOfMixture(channel, clips);
        return DataViewConstructionUtils.CreateFromEnumerable(host, clips.Select(clip => new PathRow { VideoPath = clip }).ToArray());
    }

    private static IHost Register(IHostEnvironment env, string path, string what)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Directory.Exists(path)
            ? env.Register(nameof(VideoDirectory))
            : throw new DirectoryNotFoundException($"The {what} '{path}' does not exist.");
    }

    /// <summary>Pictures of a class that has no folders in it may be meant as many clips.</summary>
    private static void WarnOfSingleClips(IChannel channel, FolderNode[] classes)
    {
        if (classes.Length > 0)
        {
            string named = string.Join("', '", classes.Take(5).Select(c => c.Name));
            channel.Warning($"The class folders '{named}' hold pictures and no folders: " +
                "each is taken for one clip, and its pictures for the frames. " +
                "Put the frames of every clip into a folder of their own where there are more.");
        }
    }

    /// <summary>Beside video files, a folder of pictures may be something else than a clip.</summary>
    private static void WarnOfMixture(IChannel channel, string[] clips)
    {
        string[] frames = [.. clips.Where(clip => !VideoFiles.HasVideoExtension(clip) || Directory.Exists(clip))];
        if (frames.Length > 0 && frames.Length < clips.Length)
            channel.Warning($"{frames.Length} of {clips.Length} clips are folders of pictures, such as '{frames[0]}'. Move those " +
                "elsewhere that are not the frames of a clip.");
    }

    private static Exception Nothing(IHost host, string path, FolderNode root)
    {
        int loose = root.Videos.Count;
        string found = loose > 0 ? $"has {loose} videos that are in no class folder"
            : root.PictureCount > 0 ? $"has {root.PictureCount} pictures that are in no class folder, the frames of one clip"
            : $"has {root.Folders.Count} folders and none of them holds a video";
        var others = new LeftOut(path);
        root.AddLeftOut(others);
        string example = Path.Combine(path, "wave", "clip1.mp4");
        return host.Except($"The data set folder '{path}' {found}. Expected: one folder per class (or folders train, val and test with " +
            $"such folders), with videos in it (files such as {SomeExtensions}, or a folder of pictures for each video), such as " +
            $"'{example}'. {others}".TrimEnd());
    }
}
