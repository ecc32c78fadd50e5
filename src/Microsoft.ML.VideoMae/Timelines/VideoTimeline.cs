// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Timelines;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae;

/// <summary>Says when what happens in long videos, with a classifier of short ones.</summary>
/// <remarks>
/// Any model with a Video column and a Score column of probabilities will do: those of this package, what an experiment chose, pipelines
/// of features. Windows over the video are scored in batches. Each frame is decoded once whatever the overlap, and memory does not grow
/// with the length of the video. The model stays the caller's.
/// </remarks>
public sealed partial class VideoTimeline
{
    private readonly MLContext _ml = new();
    private readonly VideoTimelineOptions _options;
    private readonly WindowScorer _scorer;
    private readonly WindowGrid _grid;
    private readonly JoiningRule _rule;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">A classifier of videos. What loads files in it is left out: windows are no files.</param>
    /// <param name="options">The settings; null takes the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model reads no such column, or gives no probabilities of classes.</exception>
    public VideoTimeline(ITransformer model, VideoTimelineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new VideoTimelineOptions();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                _options.Note?.Invoke(e.RawMessage);
        };
        _scorer = new WindowScorer(_ml, model, _options);
        Window = _options.Window ?? DefaultWindow.Of(_scorer.Steps, _options.Note);
        Stride = _options.Stride ?? Window / 4;
        _grid = WindowGrid.Checked(Window, Stride);
        _rule = Rule();
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Labels => _scorer.Labels;

    /// <summary>How long a window is.</summary>
    public TimeSpan Window { get; }

    /// <summary>From the start of a window to that of the next.</summary>
    public TimeSpan Stride { get; }

    /// <summary>The number of windows over a video of a length.</summary>
    /// <param name="duration">The length.</param>
    public int CountWindows(TimeSpan duration) => _grid.Count(duration.TotalSeconds);

    /// <summary>Scores the windows over a video, in order, each as soon as its batch is done.</summary>
    /// <param name="video">The video: a file, or bytes of one. Frames in memory have no times.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or does not say when its frames are shown.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<VideoWindowScore> ScoreWindows(MLVideo video, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        FrameTimeline timeline = VideoReader.Default.TimelineOf(video, null, cancellationToken);
        if (timeline.Duration < _grid.Length - 1e-3)
        {
            _options.Note?.Invoke(FormattableString.Invariant(
                $"{video.Name} is {timeline.Duration:0.##} s long, less than a window of {_grid.Length:0.##} s: it is scored as a whole."));
        }

        return _scorer.Score(_grid.Over(video, timeline, out WindowSource source), source, cancellationToken);
    }

    /// <summary>
    /// Joins scored windows of one video, which come in order, to segments. Each is given as soon as its end is known. None runs through a
    /// gap.
    /// </summary>
    /// <param name="windows">The windows.</param>
    public IEnumerable<VideoSegment> Join(IEnumerable<VideoWindowScore> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        SegmentJoiner? joiner = null;
        foreach (VideoWindowScore window in windows)
        {
            if (!window.IsGap)
            {
                joiner ??= new SegmentJoiner(Labels, RuleFor(window), window.Start.TotalSeconds);
                foreach (VideoSegment segment in joiner.Add(window))
                    yield return segment;
            }

            if (!window.IsGap && !window.IsLast)
                continue;
            foreach (VideoSegment segment in joiner?.Finish() ?? [])
                yield return segment;
            joiner = null;
        }

        foreach (VideoSegment segment in joiner?.Finish() ?? [])
            yield return segment;
    }

    /// <summary>A video that is shorter than a window may be a segment as a whole, where nothing else is asked for.</summary>
    private JoiningRule RuleFor(VideoWindowScore first)
    {
        double length = (first.End - first.Start).TotalSeconds;
        return _options.ShortestSegment is null && length < Window.TotalSeconds - 1e-3 ? _rule with { Shortest = length / 2 } : _rule;
    }

    /// <summary>Scores a video and gives its segments, each as soon as its end is known.</summary>
    /// <param name="video">The video: a file, or bytes of one.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="VideoReadException">The video cannot be read, or does not say when its frames are shown.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<VideoSegment> FindSegments(
        MLVideo video, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using IEnumerator<VideoSegment> segments = Join(ScoreLazily(video, cancellationToken)).GetEnumerator();
        while (await Task.Run(segments.MoveNext, cancellationToken).ConfigureAwait(false))
            yield return segments.Current;
    }

    /// <summary>Nothing is opened before the first segment is asked for.</summary>
    private IEnumerable<VideoWindowScore> ScoreLazily(MLVideo video, CancellationToken cancellationToken)
    {
        foreach (VideoWindowScore window in ScoreWindows(video, cancellationToken))
            yield return window;
    }

    private JoiningRule Rule()
    {
        float begin = _options.Threshold, keep = _options.KeepThreshold ?? (0.7f * begin);
        TimeSpan shortest = _options.ShortestSegment ?? Window;
        if (begin is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(VideoTimelineOptions.Threshold), begin, "It has to be above 0 and at most 1.");
        if (!(keep >= 0 && keep <= begin))
        {
            throw new ArgumentOutOfRangeException(
                nameof(VideoTimelineOptions.KeepThreshold), keep, $"It has to be from 0 to the threshold, {begin}.");
        }

        if (shortest < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(VideoTimelineOptions.ShortestSegment), shortest, "It has to be 0 or more.");
        int other = _options.OtherClass is null ? -1 : Labels.ToList().IndexOf(_options.OtherClass);
        if (other < 0 && _options.OtherClass is not null)
        {
            throw new ArgumentOutOfRangeException(nameof(VideoTimelineOptions.OtherClass), _options.OtherClass,
                $"The model has no such class; it has {string.Join(", ", Labels)}.");
        }

        return new JoiningRule(Stride.TotalSeconds, begin, keep, shortest.TotalSeconds, other);
    }
}

/// <summary>Says when what happens in long videos.</summary>
public static class VideoTimelineExtensions
{
    /// <summary>The segments of a video, each as soon as its end is known.</summary>
    /// <param name="model">A classifier of videos.</param>
    /// <param name="video">The video: a file, or bytes of one.</param>
    /// <param name="options">The settings; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model reads no such column, or gives no probabilities of classes.</exception>
    public static IAsyncEnumerable<VideoSegment> Timeline(this ITransformer model, MLVideo video, VideoTimelineOptions? options = null,
        CancellationToken cancellationToken = default) => new VideoTimeline(model, options).FindSegments(video, cancellationToken);

    /// <summary>The segments of a live video, each as soon as its end is known.</summary>
    /// <param name="model">A classifier of videos.</param>
    /// <param name="video">A stream of the network, a camera, or raw frames.</param>
    /// <param name="options">The settings; null takes the defaults.</param>
    /// <param name="endOfVideo">Ends the video: what was received until then is scored, and its segments are given.</param>
    /// <param name="cancellationToken">Ends the work at once.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model reads no such column, or gives no probabilities of classes.</exception>
    public static IAsyncEnumerable<VideoSegment> Timeline(this ITransformer model, LiveVideo video, VideoTimelineOptions? options = null,
        CancellationToken endOfVideo = default, CancellationToken cancellationToken = default) =>
        new VideoTimeline(model, options).FindSegments(video, endOfVideo, cancellationToken);
}
