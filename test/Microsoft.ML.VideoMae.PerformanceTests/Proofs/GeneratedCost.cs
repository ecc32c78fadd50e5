// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>What generated videos cost, in processor time too: other work on the machine does not change that much.</summary>
internal static class GeneratedCost
{
    private const int Clips = 1000;
    private const int WarmUp = 50;

    public static void Run()
    {
        foreach (int size in (int[])[32, 64])
        {
            GeneratedVideos videos = new MLContext(1).Data.GenerateVideos(Clips, frameSize: size);
            for (int i = 0; i < WarmUp; i++)
                videos.Create(i);
            using var process = Process.GetCurrentProcess();
            TimeSpan before = process.TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            Parallel.For(0, Clips, i => videos.Create(i));
            double seconds = clock.Elapsed.TotalSeconds;
            process.Refresh();
            double processor = (process.TotalProcessorTime - before).TotalSeconds;
            Console.WriteLine(
                FormattableString.Invariant(
                    $"16x{size}x{size}: {Clips / seconds:0} clips/s on {Environment.ProcessorCount} processors, {1000 * processor / Clips:0.00} ms of processor time a clip"
                ));
        }
    }
}
