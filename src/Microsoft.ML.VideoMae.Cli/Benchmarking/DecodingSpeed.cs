// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Benchmarking;

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
