// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae;

public sealed partial class VideoReader
{
    /// <summary>
    /// Reads the frames a sampler chooses, without chance, of many videos. Small files share runs of ffmpeg, and coming videos are read on
    /// all cores while earlier ones are used.
    /// </summary>
    /// <param name="videos">The videos.</param>
    /// <param name="sampler">Chooses the frames of each.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends all reads; child processes are killed.</param>
    /// <returns>
    /// A result for each video, in their order, with the frames that <see cref="Read(MLVideo, FrameSampler, VideoReadOptions?, Random?,
    /// CancellationToken)"/> gives. A video that cannot be read does not end the others. Reading starts with the enumeration and ends with
    /// it; at most 32 results, or half a gigabyte and what is in work, are held ahead.
    /// </returns>
    /// <exception cref="ArgumentNullException">There are no videos, or no sampler.</exception>
    /// <exception cref="ArgumentException">A video is null, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; thrown by the enumeration.</exception>
    public IEnumerable<VideoReadResult> ReadMany(IEnumerable<MLVideo> videos, FrameSampler sampler, VideoReadOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(videos);
        ArgumentNullException.ThrowIfNull(sampler);
        MLVideo[] all = [.. videos];
        int missing = Array.IndexOf(all, null);
        return missing < 0
            ? ReadInOrder(all, sampler, (options ?? VideoReadOptions.Default).Validated(), cancellationToken)
            : throw new ArgumentException($"Video {missing} is null.", nameof(videos));
    }

    private IEnumerable<VideoReadResult> ReadInOrder(MLVideo[] videos, FrameSampler sampler, VideoReadOptions options,
        CancellationToken cancellationToken)
    {
        var prefetch = new PrefetchOptions();
        using var ahead = new ReadsAhead(this, options, () => videos.Length,
            i => new PlannedRead(videos[i], FrameRequest.ForSampler(sampler, random: null)), prefetch.Workers, cancellationToken);
        using var reads = new VideoPrefetcher<int, VideoFrames>(Enumerable.Range(0, videos.Length),
            (i, token) => ahead.Take(i, null, token) ?? Read(videos[i], sampler, options, random: null, token),
            frames => frames.Pixels.Length, prefetch, cancellationToken);
        foreach (Prefetched<int, VideoFrames> read in reads)
        {
            yield return read.Error is VideoReadException error
                ? new VideoReadResult(videos[read.Item], null, error)
                : new VideoReadResult(videos[read.Item], read.Result, null);
        }
    }
}
