// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;

namespace VideoMaeCli.Benchmarking;

/// <summary>How fast a model is with some number of clips per step.</summary>
internal sealed record BatchSpeed(int BatchSize, double TrainingClipsPerSecond, double ScoringClipsPerSecond);

/// <summary>Trains and scores on frames in memory, by the trainer itself: nothing is decoded.</summary>
/// <param name="ml">The context.</param>
/// <param name="pretrainedModel">The model; null for the small one that is trained from scratch.</param>
internal sealed class SpeedMeasurement(MLContext ml, string? pretrainedModel)
{
    private const int Steps = 6;
    private const int FrameCount = 16;
    private const int FrameSide = 224;

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class ScoreRow
    {
        public float[] Score { get; set; } = [];
    }

    /// <summary>A few steps with a number of clips; the first, which warms up, does not count.</summary>
    public BatchSpeed Measure(int batchSize, CancellationToken stop)
    {
        Row[] rows = [.. Enumerable.Range(0, Steps * batchSize).Select(i => new Row { Label = i % 2 == 0 ? "a" : "b", Video = Clip(i) })];
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        long first = 0, last = 0;
        using VideoMaeClassificationTransformer model = ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options
        {
            PretrainedModel = pretrainedModel ?? "none",
            FineTuning = FineTuningMode.Full,
            NumberOfEpochs = 1,
            BatchSize = batchSize,
            CancellationToken = stop,
            StepCallback = step =>
            {
                last = Stopwatch.GetTimestamp();
                first = step.Step == 1 ? last : first;
            },
        }).Fit(keyed);
        double training = (Steps - 1) * batchSize / Stopwatch.GetElapsedTime(first, last).TotalSeconds;
        long start = Stopwatch.GetTimestamp();
        int scored = ml.Data.CreateEnumerable<ScoreRow>(model.Transform(data), reuseRowObject: true).Count();
        return new BatchSpeed(batchSize, training, scored / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Noise: what is in the frames makes no difference to the time.</summary>
    private static MLVideo Clip(int seed)
    {
        var pixels = new byte[FrameCount * FrameSide * FrameSide * VideoFrames.Channels];
        new Random(seed).NextBytes(pixels);
        return MLVideo.CreateFromFrames(new VideoFrames(pixels, FrameCount, FrameSide, FrameSide));
    }
}

/// <summary>How fast videos are decoded, all frames of each, shrunk as training shrinks them.</summary>
internal sealed record DecodingSpeed(double VideosPerSecond, int Threads, double BytesPerVideo)
{
    private const int MostVideos = 64;

    /// <exception cref="InvalidDataException">None of the videos can be read.</exception>
    public static DecodingSpeed Measure(MLContext ml, string dataset, ListSettings list, CancellationToken stop)
    {
        string[] videos = [.. DatasetLoader.LoadWithOrWithoutLabels(ml, dataset, list, Console.Error.WriteLine)
            .GetColumn<string>("VideoPath").Take(MostVideos)];
        VideoList.CheckDecoder(videos[0]);
        VideoReadOptions options = VideoReadOptions.Default with { MaxShortSide = 2 * VideoMaeConfig.CpuTiny.ImageSize.Height };
        long bytes = 0;
        int read = 0;
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(videos, new ParallelOptions
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = stop
        }, path =>
        {
            try
            {
                Interlocked.Add(ref bytes, VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path), options, stop).Pixels.Length);
                Interlocked.Increment(ref read);
            }
            catch (VideoReadException e)
            {
                Console.Error.WriteLine($"Warning: {e.Message}");
            }
        });
        return read == 0 ? throw new InvalidDataException($"None of the {videos.Length} videos of '{dataset}' can be read.")
            : new DecodingSpeed(read / Stopwatch.GetElapsedTime(start).TotalSeconds, Environment.ProcessorCount, (double)bytes / read);
    }
}
