// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Live;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Reads frames from videos of any kind. Safe to use from several threads; keep one, as it remembers what it learned about files.
/// </summary>
public sealed partial class VideoReader
{
    private static VideoReader s_default = new();

    private readonly FFmpegDecoder _ffmpeg = new();
    private readonly IReadOnlyList<IVideoDecoder> _added;
    private readonly IReadOnlyList<IVideoDecoder> _decoders;

    /// <summary>Creates a reader.</summary>
    /// <param name="decoders">Decoders that are asked before the built-in ones.</param>
    public VideoReader(params IReadOnlyList<IVideoDecoder> decoders)
    {
        ArgumentNullException.ThrowIfNull(decoders);
        _kept = new KeptFrames(_maxKeptBytes);
        _added = [.. decoders];
        _decoders = [.. decoders, new ImageFolderDecoder(), new AnimationDecoder(), _ffmpeg];
    }

    /// <summary>Keeps decoded frames on disk, so that later reads decode nothing.</summary>
    /// <value>The default value is <see langword="null"/>: no cache.</value>
    public VideoFrameCache? Cache { get; init; }

    /// <summary>
    /// The reader of all trainers and transformers. Set it when the program starts, where videos need decoders of your own.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static VideoReader Default
    {
        get => s_default;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            s_default = value;
        }
    }

    /// <summary>Whether small files share runs of ffmpeg; off, to measure what that is worth.</summary>
    internal bool SharesRuns { get; init; } = true;

    /// <summary>A reader with the same decoders and the same frames in memory that keeps frames on disk too.</summary>
    internal VideoReader With(VideoFrameCache cache) => new(_added) { Cache = cache, _maxKeptBytes = _maxKeptBytes, _kept = _kept };

    /// <summary>Reads the frames a sampler chooses.</summary>
    /// <param name="video">The video.</param>
    /// <param name="sampler">Chooses the frames.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="random">
    /// The source of chance in training; null samples as in scoring. One number is taken from it, whatever the video.
    /// </param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public VideoFrames Read(MLVideo video, FrameSampler sampler, VideoReadOptions? options = null, Random? random = null,
        CancellationToken cancellationToken = default)
        => Read(video, FrameRequest.ForSampler(sampler, random), options, cancellationToken);

    /// <summary>Reads the frames a sampler chooses, to use them at once.</summary>
    /// <param name="video">The video.</param>
    /// <param name="sampler">Chooses the frames.</param>
    /// <param name="memory">Memory for the frames, which are not to be looked at once it is disposed.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="random">The source of chance in training; null samples as in scoring.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    internal VideoFrames Read(MLVideo video, FrameSampler sampler, FrameMemory memory, VideoReadOptions? options = null,
        Random? random = null, CancellationToken cancellationToken = default)
        => Read(video, FrameRequest.ForSampler(sampler, random, memory), options, cancellationToken);

    /// <summary>Reads given frames.</summary>
    /// <param name="video">The video.</param>
    /// <param name="indices">Frame numbers from 0, in the order wanted, repeats allowed.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or is too short.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public VideoFrames Read(MLVideo video, IReadOnlyList<int> indices, VideoReadOptions? options = null,
        CancellationToken cancellationToken = default)
        => Read(video, FrameRequest.ForIndices(indices), options, cancellationToken);

    /// <summary>Reads all frames, up to the options' limits.</summary>
    /// <param name="video">The video.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or exceeds a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public VideoFrames ReadAll(MLVideo video, VideoReadOptions? options = null, CancellationToken cancellationToken = default)
        => Read(video, FrameRequest.All, options, cancellationToken);

    /// <summary>Reads all frames, to choose from them later.</summary>
    /// <param name="video">The video.</param>
    /// <param name="withTimes">Whether samplers that go by time will choose.</param>
    /// <param name="options">How to decode, and limits.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    internal VideoFrames ReadWhole(MLVideo video, bool withTimes, VideoReadOptions options, CancellationToken cancellationToken)
    {
        FrameRequest request = withTimes ? FrameRequest.WholeWithTimes() : FrameRequest.All;
        VideoFrames frames = Read(video, request, options, cancellationToken);
        return withTimes
            ? new VideoFrames(frames.Pixels, frames.Count, frames.Height, frames.Width)
            {
                Timeline = request.Timeline,
                Notes = frames.Notes
            }
            : frames;
    }

    /// <summary>Describes a video without decoding it.</summary>
    /// <param name="video">The video.</param>
    /// <param name="options">What would be done to the frames, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public VideoMetadata Probe(MLVideo video, VideoReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (video?.Range?.Held is HeldFrames held)
        {
            return new VideoMetadata
            {
                FrameCount = held.Timeline.FrameCount,
                IsFrameCountExact = true,
                Width = held.Width,
                Height = held.Height,
            };
        }

        if (video?.Range is VideoWindow window)
            return window.Describe(Probe(window.Source.Video, options, cancellationToken), TimelineOf(window.Source.Video, options, cancellationToken));
        if (video?.Frames is VideoFrames frames)
            return new VideoMetadata { FrameCount = frames.Count, IsFrameCountExact = true, Width = frames.Width, Height = frames.Height };
        return WithDecoder(video!, options, cancellationToken, static (decoder, v, o, token) => decoder.Probe(v, o, token));
    }

    /// <summary>When the frames of a video are shown.</summary>
    /// <param name="video">The video.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the read; child processes are killed.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or has no times.</exception>
    internal FrameTimeline TimelineOf(MLVideo video, VideoReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        FrameTimeline? timeline = video.Frames is VideoFrames frames
            ? frames.Timeline ?? new FrameTimeline(frames.Count)
            : WithDecoder(video, options, cancellationToken, (decoder, v, o, token) =>
            {
                if (decoder == _ffmpeg)
                    return _ffmpeg.TimelineOf(v, o, token);
                FrameRequest request = FrameRequest.WholeWithTimes();
                decoder.Decode(v, request, o, token);
                return request.Timeline!;
            });
        return timeline.FramesPerSecond > 0
            ? timeline
            : throw new VideoReadException(video.Name, VideoReadError.NoTimes, "it does not say when its frames are shown, so that no part " +
                "of it can be taken by time. Convert it to a file with times, such as MP4.");
    }

    /// <summary>Starts to decode a video from its first frame on; null where this is no work for ffmpeg.</summary>
    /// <param name="video">The video.</param>
    /// <param name="options">What is done to frames, and limits.</param>
    internal FrameLane? OpenLane(MLVideo video, VideoReadOptions options)
        => video.Frames is null && Cache is null && _decoders.First(d => d.CanDecode(video)) == _ffmpeg ? new FrameLane(video, options) : null;

    /// <summary>Plans to read a small file together with others; null if it is to be read alone.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames.</param>
    /// <param name="options">How to decode, and limits.</param>
    internal SharedClip? PlanTogether(MLVideo video, FrameRequest request, VideoReadOptions options)
    {
        if (!SharesRuns || video.Path is null)
            return null;
        try
        {
            if (_decoders.First(d => d.CanDecode(video)) != _ffmpeg)
                return null;
            FrameRequest? missing = Cache is null ? request : Cache.Missing(video, request, options);
            SharedClip? clip = missing is null ? null : _ffmpeg.PlanTogether(video, missing, options);
            if (clip is not null && Cache is not null && clip.Request.IsAll)
                clip.Chosen = request;
            return clip;
        }
        catch (Exception)
        {
            return null;    // told when it is read alone
        }
    }

    /// <summary>Reads clips together; null for each that is to be read alone.</summary>
    /// <param name="clips">What <see cref="PlanTogether"/> gave.</param>
    /// <param name="options">How to decode, and limits.</param>
    /// <param name="cancellationToken">Ends the read; the child process is killed.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal VideoFrames?[] ReadTogether(IReadOnlyList<SharedClip> clips, VideoReadOptions options, CancellationToken cancellationToken)
    {
        VideoFrames?[] frames = _ffmpeg.DecodeTogether(clips, options.Validated(), cancellationToken);
        for (int i = 0; i < frames.Length; i++)
        {
            if (clips[i].Chosen is FrameRequest chosen && frames[i] is VideoFrames whole)
                frames[i] = Cache!.Add(clips[i].Video, chosen, options, whole);
        }

        return frames;
    }

    internal VideoFrames Read(MLVideo video, FrameRequest request, VideoReadOptions? options, CancellationToken cancellationToken)
    {
        if (video?.Range is VideoWindow window)
            return window.Read(this, request, (options ?? VideoReadOptions.Default).Validated(), cancellationToken);
        if (video?.Frames is VideoFrames frames)
            return InMemoryFrames.Pick(video, frames, request, (options ?? VideoReadOptions.Default).Validated());
        return WithDecoder(video!, options, cancellationToken, (decoder, v, o, token) => Cache is null
            ? decoder.Decode(v, request, o, token)
            : Cache.Read(v, request, o, r => decoder.Decode(v, r, o, token)));
    }

    private T WithDecoder<T>(MLVideo video, VideoReadOptions? options, CancellationToken cancellationToken,
        Func<IVideoDecoder, MLVideo, VideoReadOptions, CancellationToken, T> body)
    {
        ArgumentNullException.ThrowIfNull(video);
        options = (options ?? VideoReadOptions.Default).Validated();
        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        try
        {
            MediaSignature.Check(video);
            foreach (IVideoDecoder decoder in _decoders)
            {
                if (decoder.CanDecode(video))
                    return body(decoder, video, options, deadline.Token);
            }

            throw new InvalidOperationException("The last decoder accepts every video.");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VideoReadException(video.Name, VideoReadError.TimedOut,
                $"decoding took longer than {options.Timeout.TotalSeconds:0.###} s and was stopped. Raise " +
                $"{nameof(VideoReadOptions)}.{nameof(VideoReadOptions.Timeout)}, or remove the file from the data set.", e);
        }
        catch (InvalidDataException e)
        {
            throw new VideoReadException(video.Name, VideoReadError.DecoderFailed,
                $"the decoder gave nonsense: {e.Message} Is the ffmpeg that is installed a real one, and a recent one?", e);
        }
        catch (Exception e) when (ErrorOf(e) is VideoReadError error)
        {
            throw new VideoReadException(video.Name, error, e.Message, e);
        }
    }

    /// <summary>What becomes of an exception that does not know the video's name; null for others.</summary>
    internal static VideoReadError? ErrorOf(Exception exception) => exception switch
    {
        FFmpegMissingException => VideoReadError.DecoderMissing,
        ClipHasNoTimesException => VideoReadError.NoTimes,
        ClipTooShortException => VideoReadError.TooShort,
        _ => null,
    };
}
