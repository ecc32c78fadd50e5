// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Decoding;

namespace ActionsDemo;

/// <summary>Makes the demo's data set, and still copies of videos.</summary>
internal static class DemoData
{
    /// <summary>Writes clips of every class, one folder a class.</summary>
    /// <param name="folder">Where to; made if missing, and what is there already is kept.</param>
    /// <param name="clipsPerClass">How many clips.</param>
    /// <param name="seed">Clips made with different seeds share no texture.</param>
    public static void Make(string folder, int clipsPerClass, int seed)
    {
        foreach (string action in MotionClip.Classes)
            Directory.CreateDirectory(Path.Combine(folder, action));
        Parallel.For(0, clipsPerClass * MotionClip.Classes.Length, i =>
        {
            string action = MotionClip.Classes[i % MotionClip.Classes.Length];
            string path = Path.Combine(folder, action, $"{action}{i / MotionClip.Classes.Length + 1}.mp4");
            if (File.Exists(path))
                return;
            string temporary = Path.ChangeExtension(path, ".part.mp4");
            Mp4Writer.Write(new MotionClip(action, new Random(HashCode(seed, i))).Render(), temporary);
            File.Move(temporary, path);
        });
    }

    /// <summary>Writes a copy of a video in which every frame is its middle one.</summary>
    public static void Freeze(string video, string path)
    {
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(video));
        byte[] middle = frames.Frame(frames.Count / 2).ToArray();
        byte[] still = [.. Enumerable.Repeat(middle, MotionClip.Frames).SelectMany(f => f)];
        Mp4Writer.Write(new VideoFrames(still, MotionClip.Frames, frames.Height, frames.Width), path);
    }

    // System.HashCode differs from process to process.
    private static int HashCode(int seed, int index) => unchecked((seed * 73856093) ^ (index * 19349663));
}
