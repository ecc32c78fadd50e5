// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Decodes with ffmpeg as a child process: whatever a hostile file does to the decoder stays outside of this process.</summary>
/// <remarks>
/// Starting ffmpeg costs as much as decoding a small clip, so most clips take one run. A small file is decoded whole the first time, and
/// the wanted frames are kept; for a large one, ffprobe lists the packets once, and ffmpeg then passes on only the wanted frames, sought
/// if they lie far apart. A file that promises more frames than it holds is counted and sampled again.
/// </remarks>
internal sealed class FFmpegDecoder : IVideoDecoder
{
    /// <summary>Files up to this size are decoded whole the first time.</summary>
    internal const int SmallFile = 512 * 1024;

    /// <summary>The most pixels a whole clip may take before the decoder starts over with an index.</summary>
    internal const long WholeClipBytes = 128L << 20;

    private const int MaxFailedRuns = 3;

    private readonly ClipCache _cache = new();
    private volatile int _failedRuns;

    public bool CanDecode(MLVideo video) => true;

    public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using FFmpegInput input = Open(video, options);
        VideoMetadata metadata = FFprobe.Run(input, options, cancellationToken).Metadata;
        ClipFacts facts = _cache.Get(video, options);
        int exact = Math.Max(facts.DecodedCount, facts.ExactCount);
        if (exact > 0)
            metadata = metadata with { FrameCount = exact, IsFrameCountExact = true };
        return facts.Change is null ? metadata : metadata with { Notes = $"{metadata.Notes} {facts.Change}".TrimStart() };
    }

    public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using FFmpegInput input = Open(video, options);
        ClipFacts facts = _cache.Get(video, options);
        var run = new FFmpegRun(input, options, facts, cancellationToken);
        if (request.IsAll)
            return run.ReadWhole(request, options.MaxBytes, out _)!;
        if (request.Indices is not null)
            return ReadIndices(run, [.. request.Indices]);
        return ReadSmall(run, request, facts) ?? ReadLarge(run, request, facts);
    }

    /// <summary>Plans to decode a small file together with others; null if it is to be decoded alone.</summary>
    public SharedClip? PlanTogether(MLVideo video, FrameRequest request, VideoReadOptions options)
        => _failedRuns >= MaxFailedRuns ? null : SharedClip.TryPlan(video, request, options, _cache.Get(video, options));

    /// <summary>Decodes clips in one run; null for each that is to be decoded alone.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="options">Limits, and what is done to frames; the run has the time that one clip has.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public VideoFrames?[] DecodeTogether(IReadOnlyList<SharedClip> clips, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        var frames = new VideoFrames?[clips.Count];
        try
        {
            frames = SharedRun.Decode(clips, options, deadline.Token);
        }
        catch (Exception e) when (e is FFmpegMissingException or IOException or UnauthorizedAccessException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Told of each clip when it is decoded alone.
        }

        // Where runs never give anything, as with an ffmpeg that may not write to files in memory, they are not tried for ever.
        if (frames.Any(f => f is not null))
            _failedRuns = 0;
        else
            Interlocked.Increment(ref _failedRuns);
        for (int i = 0; i < clips.Count; i++)
            _cache.Added(0);
        return frames;
    }

    /// <summary>Reads a small file by the number of frames that decode; null if it is not small after all.</summary>
    private VideoFrames? ReadSmall(FFmpegRun run, FrameRequest request, ClipFacts facts)
    {
        if (request.NeedsTimes || run.Input.Length > SmallFile)
            return null;
        if (facts.DecodedCount > 0)
        {
            return run.ReadChosen(request.Choose(new FrameTimeline(facts.DecodedCount)), request.Memory)
                ?? throw Unstable(run, facts.DecodedCount);
        }

        if (facts.Probe is not null)
            return null;    // small as a file, and too large once decoded
        VideoFrames? frames = run.ReadWhole(request, WholeClipBytes, out int decoded);
        if (frames is not null)
        {
            facts.DecodedCount = decoded;
            _cache.Added(0);
        }

        return frames;
    }

    /// <summary>When the frames of a video are shown.</summary>
    public FrameTimeline TimelineOf(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using FFmpegInput input = Open(video, options);
        ClipFacts facts = _cache.Get(video, options);
        ProbeResult probe = facts.TimesProbe ?? ProbeOf(new FFmpegRun(input, options, facts, cancellationToken), facts);
        int exact = Math.Max(facts.DecodedCount, facts.ExactCount);
        return probe.Timeline(exact > 0 ? exact : probe.Index.Count);
    }

    private ProbeResult ProbeOf(FFmpegRun run, ClipFacts facts)
    {
        ProbeResult probe = FFprobe.Run(run.Input, run.Options, run.CancellationToken);
        facts.TimesProbe = probe;
        _cache.Added(probe.Index.Count);
        return probe;
    }

    private VideoFrames ReadLarge(FFmpegRun run, FrameRequest request, ClipFacts facts)
    {
        if (facts.Probe is not ProbeResult probe)
            facts.Probe = probe = facts.TimesProbe ?? ProbeOf(run, facts);

        int[] wanted = request.Choose(probe.Timeline(probe.Index.Count));
        if (!facts.CannotSeek && !facts.CountsAnew && SeekPlan.TryCreate(probe, wanted, run.Input) is SeekPlan plan)
        {
            if (run.ReadSought(plan, wanted, request.Memory) is VideoFrames sought)
                return sought;
            facts.CannotSeek = true;
        }

        if (run.ReadChosen(wanted, request.Memory) is VideoFrames frames)
            return frames;

        // The file promised more frames than it holds.
        if (facts.ExactCount == 0)
            facts.ExactCount = run.CountFrames();
        return run.ReadChosen(request.Choose(probe.Timeline(facts.ExactCount)), request.Memory) ?? throw Unstable(run, facts.ExactCount);
    }

    private static VideoFrames ReadIndices(FFmpegRun run, int[] indices)
    {
        if (run.ReadChosen(indices) is VideoFrames frames)
            return frames;
        int count = run.CountFrames();
        FrameLimits.CheckIndices(run.Input.Video, indices, count);
        throw Unstable(run, count);
    }

    private static VideoReadException Unstable(FFmpegRun run, int count) => new(run.Input.Video.Name, VideoReadError.DecoderFailed,
        $"ffmpeg decoded {count} frames in one run and fewer in the next. Has the file changed meanwhile?");

    private static FFmpegInput Open(MLVideo video, VideoReadOptions options)
    {
        try
        {
            return new FFmpegInput(video, options.TempFilePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VideoReadException(video.Name, VideoReadError.MissingFile,
                $"the file cannot be opened ({e.Message}). Give this program the right to read it.", e);
        }
    }
}
