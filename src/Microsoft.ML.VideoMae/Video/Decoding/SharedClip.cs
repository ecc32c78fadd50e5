// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;
using System.IO;
using System.Linq;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>A small clip that shares a run of ffmpeg with others.</summary>
internal sealed class SharedClip
{
    /// <summary>
    /// The most pixels to decode: a third of a second. Beyond that the start of ffmpeg hardly counts, and the others would wait.
    /// </summary>
    private const double LargestWork = 32e6;

    private readonly int _expected;
    private readonly int[]? _wanted;

    private SharedClip(MLVideo video, FrameRequest request, ClipFacts facts, int expected, int[]? wanted)
    {
        Video = video;
        Request = request;
        Facts = facts;
        _expected = expected;
        _wanted = wanted;
    }

    public MLVideo Video { get; }

    public FrameRequest Request { get; }

    /// <summary>The frames that are wanted of a whole clip that goes to a cache on disk; null where it goes to none.</summary>
    public FrameRequest? Chosen { get; set; }

    public ClipFacts Facts { get; }

    /// <summary>The filter that passes on the wanted frames only; null passes on all.</summary>
    public string? Select { get; private init; }

    /// <summary>The bytes that should come out.</summary>
    public long Bytes { get; private init; }

    /// <summary>The pixels to decode.</summary>
    public double Work { get; private init; }

    /// <summary>Where ffmpeg stops writing: pixels that are made square may double what was expected, and no more is taken.</summary>
    public long LimitBytes => (2 * Bytes) + (64 * 1024);

    /// <summary>Plans the read of a clip; null if it is not small, or cannot be read together with others.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">Which frames.</param>
    /// <param name="options">Limits, and what is done to frames.</param>
    /// <param name="facts">What is known of the clip.</param>
    public static SharedClip? TryPlan(MLVideo video, FrameRequest request, VideoReadOptions options, ClipFacts facts)
    {
        // Indices that are given may lie beyond the end, and a probe means that the clip was too large once.
        if (video.Path is null || request.NeedsTimes || request.Indices is not null || options.DecoderThreads != 1
            || facts.CountsAnew || facts.Change is not null || facts.Probe is not null)
            return null;
        RegularFile file = RegularFile.Of(video.Path);
        if (!file.Exists || file.Length is 0 or > FFmpegDecoder.SmallFile || ReadPromise(video.Path, (int)file.Length) is not { } promise)
            return null;
        double work = (double)promise.Width * promise.Height * promise.Frames;
        int expected = facts.DecodedCount > 0 ? facts.DecodedCount : promise.Frames;
        if (work > LargestWork || expected > options.MaxFrames)
            return null;
        int[]? wanted = request.IsAll ? null : request.Choose(new FrameTimeline(expected));
        int[] distinct = wanted is null ? [] : [.. wanted.Distinct().Order()];
        string? select = wanted is null ? null : FrameFilter.Select(distinct);
        if (wanted is not null && select is null)
            return null;
        (int width, int height) = FrameFilter.Scaled(promise.Width, promise.Height, 1, options);
        long bytes = (long)width * height * VideoFrames.Channels * (wanted is null ? expected : distinct.Length);
        return bytes > options.MaxBytes
            ? null
            : new SharedClip(video, request, facts, expected, wanted) { Select = select, Bytes = bytes, Work = work };
    }

    /// <summary>Takes the frames out of what ffmpeg wrote; null if anything is not as it should be.</summary>
    /// <param name="images">The frames as PPM images.</param>
    /// <param name="decoded">How many frames ffmpeg decoded.</param>
    /// <param name="options">The limits.</param>
    public VideoFrames? Read(Stream images, int decoded, VideoReadOptions options)
    {
        if (decoded < 1 || (_wanted is not null && decoded != _expected))
            return null;    // chosen by a count that is not the clip's
        var assembler = new FrameAssembler(Video, _wanted ?? Request.Choose(new FrameTimeline(decoded)), options, Request.Memory);
        var ppm = new PpmStream(images);
        while (!assembler.IsComplete)
        {
            if (!ppm.TryReadHeader())
                return null;
            FrameLimits.CheckFrame(Video, ppm.Width, ppm.Height, options);
            if (!ppm.TryReadPixels(assembler.Begin(ppm.Width, ppm.Height)))
                return null;
            assembler.Complete();
        }

        if (ppm.TryReadHeader())
            return null;
        if (_wanted is not null)
            Facts.DecodedCount = decoded;
        return assembler.ToFrames();
    }

    /// <summary>How long a small file says that it is, in seconds, without a run of ffprobe; 0 where that is not known.</summary>
    public static double SecondsOf(MLVideo video)
    {
        if (video.Path is null || RegularFile.Of(video.Path) is not { Exists: true, Length: > 0 and <= FFmpegDecoder.SmallFile } file)
            return 0;
        return ReadPromise(video.Path, (int)file.Length)?.Seconds ?? 0;
    }

    private static ContainerPromise? ReadPromise(string path, int length)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int read = 0;
            for (int more = 1; more > 0 && read < length; read += more)
                more = RandomAccess.Read(file, bytes.AsSpan(read, length - read), read);
            return ContainerPromise.Read(bytes.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
