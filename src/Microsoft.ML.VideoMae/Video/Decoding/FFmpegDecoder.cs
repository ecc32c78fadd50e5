// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Threading;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Decodes with ffmpeg as a child process: whatever a hostile file does to the decoder stays outside of this process.</summary>
/// <remarks>
/// Starting ffmpeg costs as much as decoding a small clip, so most clips take one run. A small file whose frame count is unknown is
/// decoded whole, and the wanted frames are kept; for a large one, ffprobe lists the packets first, and ffmpeg then passes on only the
/// wanted frames. A file that promises more frames than it holds is counted and sampled again.
/// </remarks>
internal sealed class FFmpegDecoder : IVideoDecoder
{
    /// <summary>Files up to this size are decoded whole when their frame count is unknown.</summary>
    internal const int SmallFile = 512 * 1024;

    /// <summary>The most pixels a whole clip may take before the decoder starts over with an index.</summary>
    internal const long WholeClipBytes = 128L << 20;

    private readonly FrameCountCache _counts = new();

    public bool CanDecode(MLVideo video) => true;

    public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using FFmpegInput input = Open(video);
        VideoMetadata metadata = FFprobe.Run(input, options, cancellationToken).Metadata;
        return _counts.Get(video) is int exact ? metadata with { FrameCount = exact, IsFrameCountExact = true } : metadata;
    }

    public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using FFmpegInput input = Open(video);
        var run = new FFmpegRun(input, options, cancellationToken);
        if (request.IsAll)
            return run.ReadWhole(request, options.MaxBytes, out _)!;
        if (request.Indices is not null)
            return ReadIndices(run, [.. request.Indices]);

        int? count = request.NeedsTimes ? null : _counts.Get(video);
        if (count is null && !request.NeedsTimes && input.Length <= SmallFile)
        {
            VideoFrames? frames = run.ReadWhole(request, WholeClipBytes, out int decoded);
            if (frames is not null)
            {
                _counts.Set(video, decoded);
                return frames;
            }
        }

        return ReadSampled(run, request, count);
    }

    private static VideoFrames ReadIndices(FFmpegRun run, int[] indices)
    {
        if (run.ReadChosen(indices) is VideoFrames frames)
            return frames;
        int count = run.CountFrames();
        FrameLimits.CheckIndices(run.Input.Video, indices, count);
        throw Unstable(run, count);
    }

    private VideoFrames ReadSampled(FFmpegRun run, FrameRequest request, int? count)
    {
        FrameTimeline timeline;
        if (count is int known)
        {
            timeline = new FrameTimeline(known);
        }
        else
        {
            ProbeResult probe = FFprobe.Run(run.Input, run.Options, run.CancellationToken);
            timeline = probe.Index.Timeline(probe.Metadata.FramesPerSecond);
        }

        if (run.ReadChosen(request.Choose(timeline)) is VideoFrames frames)
            return frames;

        // The file promised more frames than it holds.
        int exact = run.CountFrames();
        _counts.Set(run.Input.Video, exact);
        timeline = new FrameTimeline(exact, timeline.FramesPerSecond);
        return run.ReadChosen(request.Choose(timeline)) ?? throw Unstable(run, exact);
    }

    private static VideoReadException Unstable(FFmpegRun run, int count) => new(run.Input.Video.Name, VideoReadError.DecoderFailed,
        $"ffmpeg decoded {count} frames in one run and fewer in the next. Has the file changed meanwhile?");

    private static FFmpegInput Open(MLVideo video)
    {
        try
        {
            return new FFmpegInput(video);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VideoReadException(video.Name, VideoReadError.MissingFile, $"the file cannot be opened, or no temporary file can be written ({e.Message}).", e);
        }
    }
}
