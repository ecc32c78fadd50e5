// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Measures what reading videos costs: frames decoded beside ffmpeg on the same files; how much longer training takes than its work; and
/// whether memory grows with the number of clips. Linux only: it looks into /proc.
/// </summary>
internal sealed class DecodingCost(string[] files)
{
    private const int Repeats = 3;
    private static readonly VideoMaeConfig s_preset = VideoMaeConfig.CpuSmall with { InitializerRange = 0.05 };
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public string VideoPath { get; init; } = "";

        public string Label { get; init; } = "";
    }

    public static void Run(string folder, int count, string parts)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(count)];
        Console.WriteLine($"{files.Length} files of '{Path.GetFileName(folder)}', {Environment.ProcessorCount} cores, {TorchSharp.torch.get_num_threads()} threads");
        var cost = new DecodingCost(files);
        if (parts.Contains('a'))
            cost.Decoding();
        if (parts.Contains('b'))
            cost.Training();
        if (parts.Contains('c'))
            cost.Memory();
        if (parts.Contains('d'))
            cost.Together();
    }

    /// <summary>
    /// The processor time of a clip that is read alone, and with 15 others in one run of ffmpeg; in turn, so that other work on the machine
    /// meets both. Then the first pass of a model over all files, and the second, which finds the frames in memory.
    /// </summary>
    private void Together()
    {
        var sampler = new UniformFrameSampler(16);
        foreach ((string name, Func<FrameRequest> request) in new (string, Func<FrameRequest>)[]
        {
            ("16 frames", () => FrameRequest.ForSampler(sampler, null)), ("all frames", () => FrameRequest.All),
        })
        {
            var alone = new List<double>();
            var together = new List<double>();
            foreach (string[] group in files.Chunk(SharedRun.MaxClips).Where(g => g.Length == SharedRun.MaxClips))
            {
                alone.Add(Core(() => Each(group, request, 1)));
                together.Add(Core(() => Each(group, request, group.Length)));
            }

            double[] ratios = [.. together.Zip(alone, (t, a) => t / a)];
            Print($"(d) {name}: {1000 * Median(alone) / SharedRun.MaxClips:0} ms alone, {1000 * Median(together) / SharedRun.MaxClips:0} ms together, ratio {Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00})");
        }

        VideoReader before = VideoReader.Default;
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(Options(1, 0)).Fit(Videos([.. files.Take(2)]));
        Score(model, [.. files.Take(2)]); // prepares the encoder
        var passes = new Dictionary<string, List<double>> { ["alone"] = [], ["together"] = [], ["again"] = [] };
        foreach (string[] group in files.Chunk(4 * SharedRun.MaxClips))
        {
            VideoReader.Default = new VideoReader { SharesRuns = false };
            passes["alone"].Add(Core(() => Score(model, group)));
            VideoReader.Default = new VideoReader();
            passes["together"].Add(Core(() => Score(model, group)));
            passes["again"].Add(Core(() => Score(model, group)));
        }

        VideoReader.Default = before;
        double whole = passes["alone"].Sum();
        foreach ((string pass, List<double> core) in passes)
            Print($"(d) Transform of {files.Length} clips, {pass}: {core.Sum():0.0} core-seconds, ratio {core.Sum() / whole:0.00}");
    }

    /// <summary>Reads files so many at a time.</summary>
    private static void Each(string[] paths, Func<FrameRequest> request, int together)
    {
        var reader = new VideoReader();
        foreach (string[] group in paths.Chunk(together))
        {
            SharedClip[] clips = [.. group.Select(path => reader.PlanTogether(MLVideo.CreateFromFile(path), request(), VideoReadOptions.Default)).OfType<SharedClip>()];
            if (clips.Length < group.Length)
                throw new InvalidOperationException("A file is not small enough to be read together with others.");
            if (together == 1)
                new FFmpegDecoder().Decode(clips[0].Video, request(), VideoReadOptions.Default, default);
            else if (reader.ReadTogether(clips, VideoReadOptions.Default, default).Any(frames => frames is null))
                throw new InvalidOperationException("A file was not read together with others.");
        }
    }

    private static double Core(Action action)
    {
        double before = CpuSeconds();
        action();
        return CpuSeconds() - before;
    }

    /// <summary>All frames of all files, by one and two workers, beside ffmpeg writing them to nowhere; interleaved, best of a few.</summary>
    private void Decoding()
    {
        (string Name, Action<string> Work)[] ways =
        [
            ("VideoReader", file => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(file))),
            ("ffmpeg -f null", file => Ffmpeg("-v", "error", "-threads", "1", "-i", file, "-map", "0:v:0", "-f", "null", "-")),
        ];
        foreach (int workers in (int[])[1, 2])
        {
            double[] best = [double.MaxValue, double.MaxValue];
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                for (int way = 0; way < ways.Length; way++)
                    best[way] = Math.Min(best[way], Seconds(() => Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = workers }, ways[way].Work)));
            }

            for (int way = 0; way < ways.Length; way++)
                Print($"(a) {ways[way].Name}, {workers} worker(s): {files.Length / best[way]:0.0} clips/s");
        }
    }

    /// <summary>
    /// The first epoch decodes, later ones don't; rows of pixel values are what a cache could reach at best. Core-seconds are what the system
    /// counts for this process and the decoders that it started. At best, a cold epoch takes what decoding together and computing take.
    /// </summary>
    private void Training()
    {
        double alone = Core(() => Whole(together: false)), decoding = Core(() => Whole(together: true));
        Epochs(Pixels([.. files.Take(16)]), epochs: 1); // libtorch starts up
        (double Seconds, double Core)[] pixels = Epochs(Pixels(files)), videos = Epochs(Videos(files));
        double computing = Median(pixels.Skip(1).Select(e => e.Core)), memory = Median(pixels.Skip(1).Select(e => e.Seconds)), warm = Median(videos.Skip(1).Select(e => e.Seconds));
        double ideal = (decoding + computing) / Environment.ProcessorCount;
        Print($"(b) decoding takes {alone:0.0} core-seconds alone, {decoding:0.0} together; an epoch on rows in memory {computing:0.0} core-seconds, {memory:0.0} s");
        Print($"(b) cold epoch {videos[0].Seconds:0.0} s: {videos[0].Seconds / ideal:0.00} of (decoding + computing) / cores; it took {videos[0].Core:0.0} core-seconds");
        Print($"(b) warm epoch {warm:0.0} s: {memory / warm:0.00} of the clips/s of rows in memory");
    }

    /// <summary>Reads all frames of all files as training does.</summary>
    private void Whole(bool together)
    {
        MLVideo[] videos = [.. files.Select(MLVideo.CreateFromFile)];
        var reader = new VideoReader { SharesRuns = together };
        VideoReadOptions options = VideoReadOptions.Default with { MaxShortSide = 2 * s_preset.ImageSize.Height };
        using var ahead = new ReadsAhead(
            reader, options, () => videos.Length, i => new PlannedRead(videos[i], FrameRequest.All), runsAtATime: 1, default);
        for (int i = 0; i < videos.Length; i++)
            _ = ahead.Take(i, null, default) ?? reader.ReadAll(videos[i], options);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    /// <summary>The highest resident memory of a process's work on few clips and on ten times as many.</summary>
    private void Memory()
    {
        string[] few = [.. files.Take(20)], many = [.. Enumerable.Repeat(few, 10).SelectMany(f => f)];
        Epochs(Videos(few), epochs: 1, cacheMegabytes: 0);
        long trainFew = Peak(() => Epochs(Videos(few), epochs: 1, cacheMegabytes: 0)), trainMany = Peak(() => Epochs(Videos(many), epochs: 1, cacheMegabytes: 0));
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(Options(1, 0)).Fit(Videos(few));
        long scoreFew = Peak(() => Score(model, few)), scoreMany = Peak(() => Score(model, many));
        Print($"(c) training on {few.Length} clips: {trainFew >> 20} MB at most; on {many.Length}: {trainMany >> 20} MB");
        Print($"(c) scoring {few.Length} clips: {scoreFew >> 20} MB at most; {many.Length}: {scoreMany >> 20} MB");
    }

    private void Score(VideoMaeClassificationTransformer model, string[] paths) => _ = model.Transform(Videos(paths)).GetColumn<float[]>("Score").Count();

    /// <summary>The wall time and the core-seconds of every epoch; those of the first include the start of the run.</summary>
    private (double Seconds, double Core)[] Epochs(IDataView data, int epochs = 5, int? cacheMegabytes = null)
    {
        var results = new List<(double, double)>();
        VideoMaeTrainer.Options options = Options(epochs, cacheMegabytes);
        long rows = data.GetRowCount() ?? data.GetColumn<uint>("Label").LongCount();
        double core = CpuSeconds();
        options.MetricsCallback = m =>
        {
            results.Add((rows / m.ClipsPerSecond, CpuSeconds() - core));
            core = CpuSeconds();
            Print($"    {m}");
        };
        if (data.Schema.GetColumnOrNull("Pixels") is not null)
            options.FeatureColumnName = "Pixels";
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data).Dispose();
        return [.. results];
    }

    private static VideoMaeTrainer.Options Options(int epochs, int? cacheMegabytes) =>
        new() { Config = s_preset, NumberOfEpochs = epochs, FrameCacheMegabytes = cacheMegabytes, Seed = 1 };

    private IDataView Videos(string[] paths)
    {
        IDataView rows = _ml.Data.LoadFromEnumerable(paths.Select((path, i) => new Row { VideoPath = path, Label = i % 2 == 0 ? "a" : "b" }).ToArray());
        return _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(rows).Transform(rows);
    }

    private IDataView Pixels(string[] paths) =>
        _ml.Transforms.ExtractVideoPixels("Pixels", "Video", s_preset.NumFrames, s_preset.ImageSize.Height).Fit(Videos(paths)).Transform(Videos(paths));

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>User and system time of this process and of its children that have ended.</summary>
    private static double CpuSeconds()
    {
        const double TicksPerSecond = 100;
        string text = File.ReadAllText("/proc/self/stat");
        // Counted from the end of the name, which may hold spaces: utime, stime, cutime and cstime are fields 14 to 17.
        return text[(text.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(long.Parse) / TicksPerSecond;
    }

    private static long Peak(Action action)
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5"); // The peak starts anew.
        action();
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10;
    }

    private static void Ffmpeg(params string[] arguments)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
    }

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
