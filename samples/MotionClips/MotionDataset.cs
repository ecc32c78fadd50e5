// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace MotionClips;

/// <summary>
/// Writes data sets of motion clips. Clips made with different seeds share no texture; files that are there already are kept.
/// </summary>
public static class MotionDataset
{
    /// <summary>Writes clips of every class, one folder a class.</summary>
    /// <param name="folder">Where to; made if missing.</param>
    /// <param name="clipsPerClass">How many clips.</param>
    /// <param name="seed">Draws the clips.</param>
    public static void Make(string folder, int clipsPerClass, int seed)
    {
        foreach (string action in MotionClip.Classes)
            Directory.CreateDirectory(Path.Combine(folder, action));
        Write(clipsPerClass * MotionClip.Classes.Length, i =>
        {
            string action = MotionClip.Classes[i % MotionClip.Classes.Length];
            string path = Path.Combine(folder, action, $"{action}{i / MotionClip.Classes.Length + 1}.mp4");
            return (path, () => new MotionClip(action, new Random(HashCode(seed, i))));
        });
    }

    /// <summary>
    /// Writes clips of a disc that moves up, down, left or right, and a list, clips.csv,
    /// that says how fast: the columns path and speed, in pixels a frame.
    /// </summary>
    /// <param name="folder">Where to; made if missing.</param>
    /// <param name="clips">How many clips.</param>
    /// <param name="seed">Draws the clips.</param>
    /// <param name="fastest">Speeds are drawn uniformly from 0 to this.</param>
    /// <returns>The path of the list.</returns>
    public static string MakeSpeeds(string folder, int clips, int seed, float fastest = 4)
    {
        Directory.CreateDirectory(folder);
        string[] actions = ["down", "left", "right", "up"];
        var rows = new string[clips];
        Write(clips, i =>
        {
            var random = new Random(HashCode(seed, i));
            float speed = fastest * random.NextSingle();
            rows[i] = string.Create(CultureInfo.InvariantCulture, $"{i + 1}.mp4,{speed:0.000}");
            return (Path.Combine(folder, $"{i + 1}.mp4"), () => new MotionClip(actions[i % actions.Length], random, speed));
        });
        string list = Path.Combine(folder, "clips.csv");
        File.WriteAllLines(list, rows.Prepend("path,speed"));
        return list;
    }

    /// <summary>Writes the clips that are not there yet, a few runs of ffmpeg at a time.</summary>
    /// <param name="count">How many clips.</param>
    /// <param name="clip">Where a clip goes, and what makes it.</param>
    private static void Write(int count, Func<int, (string Path, Func<MotionClip> Make)> clip)
    {
        var missing = Enumerable.Range(0, count).Select(clip).Where(c => !File.Exists(c.Path)).Chunk(Mp4Writer.FilesPerRun);
        Parallel.ForEach(missing, run =>
        {
            Mp4Writer.Write([.. run.Select(c => (c.Make().Render(), Temporary(c.Path)))]);
            foreach ((string path, _) in run)
                File.Move(Temporary(path), path);
        });
    }

    private static string Temporary(string path) => Path.ChangeExtension(path, ".part.mp4");

    // System.HashCode differs from process to process.
    private static int HashCode(int seed, int index) => unchecked((seed * 73856093) ^ (index * 19349663));
}
