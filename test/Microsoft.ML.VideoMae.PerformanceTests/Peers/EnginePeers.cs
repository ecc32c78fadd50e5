// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;
using TorchSharp;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// What a server asks: clips a second by one prediction engine, by one engine for each processor on a thread of its own, and by <c>Transform</c> in batches.
/// Frames lie in memory. <c>OMP_NUM_THREADS=1</c> in the environment gives each engine one thread.
/// </summary>
internal static class EnginePeers
{
    private sealed class Clip
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class Scores
    {
        public float[] Score { get; set; } = [];
    }

    public static void Run(string name, VideoMaeConfig config, int clips, int rounds)
    {
        Console.WriteLine($"{Interleaved.Machine()}; {name}; OMP_NUM_THREADS {Environment.GetEnvironmentVariable("OMP_NUM_THREADS") ?? "unset"}");
        string folder = Directory.CreateTempSubdirectory("peers-").FullName;
        var ml = new MLContext(1);
        using (var network = new VideoMaeForVideoClassification(config, new torch.Generator(1)))
            network.SavePretrained(Path.Combine(folder, "checkpoint"));
        MotionDataset.Make(Path.Combine(folder, "clips"), 1, seed: 1);
        string video = Directory.GetFiles(Path.Combine(folder, "clips"), "*.mp4", SearchOption.AllDirectories)[0];
        var clip = new Clip { Video = MLVideo.CreateFromFrames(VideoReader.Default.ReadAll(MLVideo.CreateFromFile(video))) };
        using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(Path.Combine(folder, "checkpoint"));
        PredictionEngine<Clip, Scores>[] engines =
            [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => ml.Model.CreatePredictionEngine<Clip, Scores>(model))];
        IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Repeat(clip, clips));
        using var unit = new OnnxUnit(config);
        List<Contestant> contestants =
        [
            new("one engine", () => Predict(engines[0], clips)),
            new($"{engines.Length} engines, a thread each", () => Together(engines, clips / engines.Length)),
            new("Transform", () => model.Transform(rows).GetColumn<float[]>("Score").Count()),
            unit.Contestant,
        ];
        Interleaved.Print(Interleaved.Measure(contestants, rounds), clips, contestants[0].Name);
        Directory.Delete(folder, recursive: true);

        void Predict(PredictionEngine<Clip, Scores> engine, int count)
        {
            for (int i = 0; i < count; i++)
                engine.Predict(clip);
        }

        void Together(PredictionEngine<Clip, Scores>[] all, int each)
        {
            Thread[] threads = [.. all.Select(engine => new Thread(() => Predict(engine, each)))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
        }
    }
}
