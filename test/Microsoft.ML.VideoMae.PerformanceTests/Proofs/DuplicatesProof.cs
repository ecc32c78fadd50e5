// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Similarity;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Makes near duplicates of clips whose own pairs are known, and looks for them: docs/lab/timeline.md. The clips of weizmann4 have mirror
/// images among them; those of one video are pieces that do not overlap.
/// </summary>
internal static class DuplicatesProof
{
    /// <summary>How a copy is made.</summary>
    public static readonly (string Name, bool IsMirrored, Func<double, string[]> Arguments)[] Copies =
    [
        ("encoded anew, by the encoder's default", false, _ => ["-crf", "23"]),
        ("encoded anew, coarsely", false, _ => ["-crf", "30"]),
        ("resized to 40x40", false, _ => ["-vf", "scale=40:40"]),
        ("cut to 70 %", false, seconds => ["-ss", F(0.15 * seconds), "-t", F(0.7 * seconds)]),
        ("mirrored", true, _ => ["-vf", "hflip"]),
        ("begun later by a quarter", false, seconds => ["-ss", F(0.25 * seconds)]),
        ("cut, mirrored and resized", true, seconds => ["-ss", F(0.1 * seconds), "-t", F(0.75 * seconds), "-vf", "hflip,scale=48:48"]),
    ];

    private sealed record Clip(string Path, string Recording, string Copy, bool IsMirrored);

    public static void Run(string data, string output)
    {
        SplitClip[] originals = SplitClip.Read(data);
        List<Clip> clips = [.. originals.Select(c => new Clip(c.Path, RecordingOf(c.Path), "original", c.Path.Contains("_flip_")))];
        string folder = Directory.CreateDirectory(Path.Combine(output, "duplicates")).FullName;
        foreach (Clip clip in clips.Where(c => !c.IsMirrored).ToArray())
        {
            double seconds = VideoReader.Default.Probe(MLVideo.CreateFromFile(clip.Path)).Duration.TotalSeconds;
            for (int i = 0; i < Copies.Length; i++)
            {
                string path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(clip.Path)}-{i}c.mp4");
                if (!File.Exists(path))
                    Encode(clip.Path, path, Copies[i].Arguments(seconds));
                clips.Add(new Clip(path, clip.Recording, Copies[i].Name, Copies[i].IsMirrored));
            }
        }

        long start = Stopwatch.GetTimestamp();
        ClipFingerprint[] prints = [.. clips.AsParallel().AsOrdered().Select(c => Fingerprint(c.Path))];
        TimeSpan read = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        ClipPair[] found = NearDuplicates.Find(prints, (_, _) => true, default);
        Console.WriteLine(FormattableString.Invariant(
            $"{clips.Count} clips read in {read.TotalSeconds:0.0} s, compared in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        ClipPair[] pairs = NearDuplicates.Find(prints, (_, _) => true, default, leastChange: 0.5);
        bool IsTrue(ClipPair p) => clips[p.First].Recording == clips[p.Second].Recording;
        foreach (ClipPair p in pairs.Where(p => !IsTrue(p)).Take(8))
            Console.WriteLine($"  false: {p.Similarity:0.0000} {clips[p.First].Path} {clips[p.Second].Path} {(p.IsMirrored ? "mirrored" : "")}");
        int all = clips.GroupBy(c => c.Recording).Sum(g => g.Count() * (g.Count() - 1) / 2);
        Console.WriteLine("| least similarity | recall of all pairs | false pairs | recall with chains | false pairs with chains |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (double least in (double[])[0.9, 0.92, 0.93, 0.94, 0.945, 0.95, 0.955, 0.958, 0.959, 0.96, 0.961, 0.962, 0.965, 0.97, 0.98])
        {
            ClipPair[] taken = [.. pairs.Where(p => p.Similarity >= least)];
            ClipPair[] joined = NearDuplicates.WithJoined(prints.Length, pairs, least);
            Console.WriteLine(FormattableString.Invariant(
                $"| {least} | {taken.Count(IsTrue) / (double)all:0.000} of {all} | {taken.Count(p => !IsTrue(p))} | ") +
                FormattableString.Invariant($"{joined.Count(IsTrue) / (double)all:0.000} | {joined.Count(p => !IsTrue(p))} |"));
        }

        foreach (ClipPair p in pairs.Where(IsTrue).Where(p => clips[p.First].Copy == "original" && !clips[p.First].IsMirrored).Reverse().Take(20))
            Console.WriteLine(FormattableString.Invariant($"  weakest: {p.Similarity:0.0000} {clips[p.First].Recording} {clips[p.Second].Copy}"));
        Console.WriteLine("| copy | found with its original | with chains |");
        Console.WriteLine("| --- | --- | --- |");
        HashSet<(int, int)> direct = [.. found.Where(p => p.Similarity >= NearDuplicates.LeastChange).Select(p => (p.First, p.Second))];
        HashSet<(int, int)> withChains = [.. found.Select(p => (p.First, p.Second))];
        foreach ((string name, _, _) in Copies)
        {
            var wanted = clips.Index().Where(c => c.Item.Copy == name).ToArray();
            int OriginalOf(Clip copy) => clips.FindIndex(o => o.Copy == "original" && !o.IsMirrored && o.Recording == copy.Recording);
            int Hits(HashSet<(int, int)> set) => wanted.Count(c => set.Contains((OriginalOf(c.Item), c.Index)));
            Console.WriteLine(FormattableString.Invariant($"| {name} | {Hits(direct)} of {wanted.Length} | {Hits(withChains)} |"));
        }
    }

    public static ClipFingerprint Fingerprint(string path)
    {
        var chosen = new SpreadFrames();
        MLVideo video = MLVideo.CreateFromFile(path);
        VideoFrames frames = VideoReader.Default.Read(video, chosen, VideoReadOptions.Default with { MaxShortSide = ClipFingerprint.MaxShortSide });
        return ClipFingerprint.Of(frames, chosen, Microsoft.ML.VideoMae.Decoding.SharedClip.SecondsOf(video));
    }

    private static string RecordingOf(string path) => Path.GetFileNameWithoutExtension(path).Replace("_orig_", "_").Replace("_flip_", "_");

    private static string F(double value) => value.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);

    private static void Encode(string from, string to, string[] arguments)
    {
        int i = Array.IndexOf(arguments, "-ss");
        string[] before = i < 0 ? [] : arguments[i..(i + 2)], after = i < 0 ? arguments : [.. arguments[..i], .. arguments[(i + 2)..]];
        var start = new ProcessStartInfo("ffmpeg");
        foreach (string argument in (string[])["-v", "error", "-y", .. before, "-i", from, .. after, "-pix_fmt", "yuv420p", "-threads", "1", to])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ffmpeg could not make '{to}'.");
    }
}
