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

/// <summary>Small real MP4 files of two classes that are easy to tell apart, made once by ffmpeg, and a model small enough for them.</summary>
internal static class TestClips
{
    public const int ClipsPerClass = 6;

    private static readonly Lazy<string> s_folder = new(Make);

    /// <summary>A folder with the class folders 'blue' and 'red'.</summary>
    public static string Folder => s_folder.Value;

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

    /// <summary>One clip of a class.</summary>
    public static string Clip(string label, int number) => Path.Combine(Folder, label, $"{number}.mp4");

    public static IDataView Load(MLContext ml) => ml.Data.LoadVideosFromDirectory(Folder);

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

    private static string Make()
    {
        string folder = NewFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (string label in (string[])["blue", "red"])
        {
            Directory.CreateDirectory(Path.Combine(folder, label));
            foreach (int i in Enumerable.Range(1, ClipsPerClass))
            {
                Ffmpeg("-f", "lavfi", "-i", $"color={label}:size=32x24:rate=8:duration=1", "-vf", $"noise=alls=40:all_seed={i}:allf=t",
                    "-pix_fmt", "yuv420p", "-threads", "1", Path.Combine(folder, label, $"{i}.mp4"));
            }
        }

        return folder;
    }
}
