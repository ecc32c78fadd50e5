// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>Small real videos of two classes that are easy to tell apart, made once by ffmpeg, and a model small enough for them.</summary>
/// <remarks>
/// They come twice: as MP4 files, for tests of decoding, of the tool and of the samples, and as lossless WebP animations of the same
/// pictures, for tests of everything behind decoding. An animation is decoded in the process; an MP4 file starts ffmpeg, which takes longer
/// than most of these tests.
/// </remarks>
internal static class TestClips
{
    public const int ClipsPerClass = 6;

    private static readonly string[] s_classes = ["blue", "red"];
    private static readonly Lazy<string> s_folder = new(() => Make("mp4", "-pix_fmt", "yuv420p", "-threads", "1"));
    private static readonly Lazy<string> s_animations = new(() => Make("webp", "-c:v", "libwebp_anim", "-lossless", "1", "-threads", "1"));

    /// <summary>A folder with the class folders 'blue' and 'red' of MP4 files.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>A folder with the same clips as animations.</summary>
    public static string Animations => s_animations.Value;

    /// <summary>4 frames of 16x16, 8 tokens.</summary>
    public static VideoMaeConfig Config { get; } = new()
    {
        ImageSize = 16,
        PatchSize = 8,
        NumFrames = 4,
        HiddenSize = 16,
        NumHiddenLayers = 2,
        NumAttentionHeads = 2,
        IntermediateSize = 32,
    };

    /// <summary>Options for a run of a second.</summary>
    public static VideoMaeTrainer.Options Options(int epochs = 15) => new()
    {
        Config = Config,
        NumberOfEpochs = epochs,
        BatchSize = 4,
        LearningRate = 5e-3f,
        LabelSmoothing = 0,
        Seed = 1,
    };

    /// <summary>A fresh folder that a test may write to.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("videomae-test-").FullName;

    /// <summary>One clip of a class, an MP4 file.</summary>
    public static string Clip(string label, int number) => Path.Combine(Folder, label, $"{number}.mp4");

    /// <summary>The same clip as an animation.</summary>
    public static string Animation(string label, int number) => Path.Combine(Animations, label, $"{number}.webp");

    /// <summary>The animations, for tests to which it does not matter how clips are decoded.</summary>
    public static IDataView Load(MLContext ml) => ml.Data.LoadVideosFromDirectory(Animations);

    /// <summary>The MP4 files: each is decoded by a run of ffmpeg.</summary>
    public static IDataView LoadFiles(MLContext ml) => ml.Data.LoadVideosFromDirectory(Folder);

    public static IEstimator<ITransformer> Pipeline(MLContext ml, VideoMaeTrainer.Options options) =>
        ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    public static void Ffmpeg(params string[] arguments)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)["-loglevel", "error", "-y", .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors);
    }

    /// <summary>One run of ffmpeg for all clips.</summary>
    private static string Make(string extension, params string[] encoding)
    {
        string folder = NewFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var inputs = new List<string>();
        var outputs = new List<string>();
        foreach ((int label, int number) in s_classes.SelectMany(
                (_, label) => Enumerable.Range(1, ClipsPerClass).Select(number => (label, number))))
        {
            string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, s_classes[label])).FullName, $"{number}.{extension}");
            inputs.AddRange([
                "-f", "lavfi", "-i", $"color={s_classes[label]}:size=32x24:rate=8:duration=1,noise=alls=40:all_seed={number}:allf=t"]);
            outputs.AddRange(["-map", $"{(label * ClipsPerClass) + number - 1}:v", .. encoding, path]);
        }

        Ffmpeg([.. inputs, .. outputs]);
        return folder;
    }
}
