// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using MotionClips;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>What scoring costs around the model: reading videos, batches, loading and saving a .zip.</summary>
internal static class ScoringCost
{
    private const int WarmRounds = 5;

    /// <summary>
    /// Scores videos through Transform, with frames from a warm cache and decoding them, and one by one, beside the same work on clips in
    /// memory.
    /// </summary>
    public static void EndToEnd(string name, VideoMaeConfig config, int clips, int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("peers-").FullName;
        MotionDataset.Make(folder, clips / MotionClip.Classes.Length, seed: 1);
        clips -= clips % MotionClip.Classes.Length;
        var ml = new MLContext(1);
        using VideoMaeClassificationTransformer model = Load(ml, Save(config, folder));
        IDataView videos = ml.Data.LoadVideosFromDirectory(folder);
        IDataView loaded = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(videos).Transform(videos);
        MLVideo[] handles = [.. videos.GetColumn<string>("VideoPath").Select(path => MLVideo.CreateFromFile(path))];
        VideoReader decoding = VideoReader.Default, cached = new() { Cache = new VideoFrameCache(Path.Combine(folder, "frames")) };
        using var memory = new ClipsInMemory(config, clips);
        using var unit = new OnnxUnit(config);
        Console.WriteLine($"{name}, {clips} clips");
        // The first two differ by little and are soon done: many rounds, with no decoders of others in between.
        var inMemory = new Contestant("tensors in memory", memory.Score);
        Interleaved.Print(
            Interleaved.Measure(
                [inMemory, new("Transform, warm frame cache", () => Read(cached, Transform)), unit.Contestant], WarmRounds * rounds),
            clips, inMemory.Name);
        Interleaved.Print(
            Interleaved.Measure(
                [
                    inMemory,
                    new("Transform, decoding", () => Read(decoding, Transform)),
                    new("Predict one by one, warm frame cache", () =>
                        Read(cached, () => Check(handles.Count(video => model.Predict(video).Count > 0), clips))),
                    unit.Contestant],
                rounds),
            clips, inMemory.Name);
        Directory.Delete(folder, recursive: true);

        void Transform() => Check(model.Transform(loaded).GetColumn<float[]>("Score").Count(), clips);

        static void Read(VideoReader reader, Action work)
        {
            VideoReader before = VideoReader.Default;
            VideoReader.Default = reader;
            work();
            VideoReader.Default = before;
        }
    }

    /// <summary>Saves a .zip, and loads it in a fresh process that scores one clip.</summary>
    public static void ColdStart(VideoMaeConfig config, int rounds)
    {
        Console.WriteLine(Interleaved.Machine());
        string folder = Directory.CreateTempSubdirectory("peers-").FullName;
        MotionDataset.Make(folder, 1, seed: 1);
        var ml = new MLContext(1);
        string zip = Path.Combine(folder, "model.zip");
        using (VideoMaeClassificationTransformer model = Load(ml, Save(config, folder)))
        {
            IDataView videos = ml.Data.LoadVideosFromDirectory(folder);
            ITransformer loading = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(videos);
            var clock = Stopwatch.StartNew();
            ml.Model.Save(new TransformerChain<ITransformer>(loading, model), videos.Schema, zip);
            Console.WriteLine(
                FormattableString.Invariant($"saved {new FileInfo(zip).Length / 1048576.0:0} MB in {clock.Elapsed.TotalSeconds:0.0} s"));
        }

        var drawing = Stopwatch.StartNew();
        using (var fresh = new VideoMaeForVideoClassification(config))
            Console.WriteLine(
                FormattableString.Invariant($"not part of loading: drawing initial weights takes {drawing.Elapsed.TotalSeconds:0.0} s"));
        double unit;
        using (var onnx = new OnnxUnit(config))
            unit = onnx.Seconds(rounds);
        Console.WriteLine(FormattableString.Invariant($"{OnnxUnit.Name}: {unit:0.000} s, the unit of what stands in brackets"));
        string clip = Directory.GetFiles(folder, "*.mp4", SearchOption.AllDirectories)[0];
        for (int i = 0; i < rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            using Process process = Process.Start("dotnet", [typeof(ScoringCost).Assembly.Location, "peers", "cold-child", zip, clip, unit.ToString(CultureInfo.InvariantCulture)]);
            process.WaitForExit();
            Console.WriteLine(FormattableString.Invariant($"the whole process: {clock.Elapsed.TotalSeconds:0.0} s ({clock.Elapsed.TotalSeconds / unit:0.0})"));
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The fresh process.</summary>
    public static void ColdChild(string zip, string clip, double unit)
    {
        var clock = Stopwatch.StartNew();
        var ml = new MLContext();
        ITransformer chain = ml.Model.Load(zip, out _);
        using VideoMaeClassificationTransformer model = ((TransformerChain<ITransformer>)chain)
            .OfType<VideoMaeClassificationTransformer>()
            .Single();
        double load = clock.Elapsed.TotalSeconds;
        clock.Restart();
        model.Predict(MLVideo.CreateFromFile(clip));
        double first = clock.Elapsed.TotalSeconds;
        clock.Restart();
        model.Predict(MLVideo.CreateFromFile(clip));
        double second = clock.Elapsed.TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"load {load:0.0} s ({load / unit:0.0}), first clip {first:0.0} s ({first / unit:0.0}), second clip {second:0.0} s ({second / unit:0.0}); ")
            + FormattableString.Invariant($"at its peak {Interleaved.PeakMegabytes():0} MB"));
    }

    private static string Save(VideoMaeConfig config, string folder)
    {
        string checkpoint = Path.Combine(folder, "checkpoint");
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.SavePretrained(checkpoint);
        return checkpoint;
    }

    private static VideoMaeClassificationTransformer Load(MLContext ml, string checkpoint) => ml.Model.LoadVideoMae(checkpoint);

    private static void Check(int rows, int expected)
    {
        if (rows != expected)
            throw new InvalidOperationException($"{rows} rows were scored, not {expected}.");
    }

    /// <summary>As many clips as a transformer scores at a time, all in memory: what is left when nothing has to be read.</summary>
    private sealed class ClipsInMemory : IDisposable
    {
        private readonly VideoMaeForVideoClassification _network;
        private readonly IClipEncoder _encoder;
        private readonly Tensor _clips;
        private readonly int _batch;

        public ClipsInMemory(VideoMaeConfig config, int clips)
        {
            _network = new VideoMaeForVideoClassification(config, new Generator(1));
            _network.eval();
            _encoder = ClipEncoder.Create(_network, CPU, ComputePrecision.Float32, _ => { });
            _clips = randn(
                [clips, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width],
                generator: new Generator(2));
            _batch = Math.Clamp(16384 / config.NumPatches, 1, 32);
        }

        public void Score()
        {
            using IDisposable noGrad = no_grad();
            for (int at = 0; at < _clips.shape[0]; at += _batch)
            {
                using DisposeScope scope = NewDisposeScope();
                _network.Classify(_encoder.Tokens(_clips.narrow(0, at, Math.Min(_batch, _clips.shape[0] - at)))).softmax(1);
            }
        }

        public void Dispose()
        {
            _clips.Dispose();
            _encoder.Dispose();
            _network.Dispose();
        }
    }
}
