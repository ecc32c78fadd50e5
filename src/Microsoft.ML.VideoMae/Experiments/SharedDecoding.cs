// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Decodes small videos once for all candidates, many in a run of ffmpeg, and keeps their frames in memory while there is room. Others are
/// decoded by each candidate that needs them.
/// </summary>
internal static class SharedDecoding
{
    /// <summary>Keeps the frames of videos.</summary>
    /// <param name="videos">The videos.</param>
    /// <param name="temporaryFolder">Where temporary files go; null is the system's folder.</param>
    /// <param name="progress">Is told how many videos were done.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The seconds for each of the videos; 0 where all were in memory.</returns>
    public static double Keep(IReadOnlyList<MLVideo> videos, string? temporaryFolder, Action<int> progress, CancellationToken stop)
    {
        VideoReader reader = VideoReader.Default;
        if (!reader.KeepsFrames)
            return 0;
        long start = Stopwatch.GetTimestamp();
        int decoded = 0;
        VideoReadOptions options = VideoReadOptions.Default with { TempFilePath = temporaryFolder };
        using var ahead = new ReadsAhead(reader, options, () => videos.Count,
            i => reader.FindKept(videos[i], FrameRequest.All, options) is null ? new PlannedRead(videos[i], FrameRequest.All) : null,
            Environment.ProcessorCount, stop);
        long room = reader.MaxKeptBytes;
        for (int i = 0; i < videos.Count && room > 0; i++)
        {
            // A file that is not small, or cannot be read, is left to the candidates: they say what is wrong with it.
            if (ahead.Take(i, null, stop) is VideoFrames frames)
            {
                decoded++;
                room -= frames.Pixels.Length;
                reader.Keep(videos[i], FrameRequest.All, options, frames);
            }

            progress(i + 1);
        }

        return decoded == 0 ? 0 : Stopwatch.GetElapsedTime(start).TotalSeconds / videos.Count;
    }
}
