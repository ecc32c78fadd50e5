// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Live;

namespace Microsoft.ML.VideoMae;

/// <content>Live videos.</content>
public sealed partial class VideoTimeline
{
    /// <summary>Scores the windows over a live video as they arrive, and says where there are gaps.</summary>
    /// <param name="video">The video.</param>
    /// <param name="endOfVideo">
    /// Ends the video where it has no end of its own: what was received until then is scored and given, and then nothing follows.
    /// </param>
    /// <param name="cancellationToken">Ends the work at once.</param>
    /// <remarks>
    /// A window is scored once the first frame after it has arrived. A video that breaks off is looked for again, and what was not received
    /// is a gap. Where the model is too slow, windows are left out: they come without probabilities, and
    /// <see cref="VideoTimelineOptions.Note"/> is told how many. A video that comes faster than its own time waits for the model instead.
    /// Memory does not grow with time.
    /// </remarks>
    /// <exception cref="ArgumentException">A setting of the video is out of range.</exception>
    /// <exception cref="VideoReadException">
    /// No frame came, or the video broke off and did not come back. What came before is given before this is thrown.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IEnumerable<VideoWindowScore> ScoreWindows(
        LiveVideo video, CancellationToken endOfVideo = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        return ScoreLive(video.Validated(), endOfVideo, cancellationToken);
    }

    private IEnumerable<VideoWindowScore> ScoreLive(LiveVideo video, CancellationToken endOfVideo, CancellationToken cancellationToken)
    {
        using var live = new LiveWindows(video, _grid, _options.Note, endOfVideo);
        while (live.Queue.TakeAll(cancellationToken) is LivePart[] parts)
        {
            IEnumerable<MLVideo> windows = parts.Select(p => p.Window).OfType<MLVideo>();
            using IEnumerator<VideoWindowScore> scored = _scorer.Score(windows, live.Source, cancellationToken).GetEnumerator();
            foreach (LivePart part in parts)
            {
                // One that is no window has no scores; those that are come in order.
                float[]? scores = part.Window is not null && scored.MoveNext() ? scored.Current.Probabilities : null;
                if (scores is not null)
                    part.Release();     // else another thread may look at its frames still
                yield return new VideoWindowScore(TimeSpan.FromSeconds(part.Start), TimeSpan.FromSeconds(part.End), scores)
                {
                    IsGap = part.Kind == LivePartKind.Gap,
                    IsLast = part.IsLast,
                };
            }
        }
    }

    /// <summary>Scores a live video as it comes and gives its segments, each as soon as its end is known.</summary>
    /// <param name="video">The video.</param>
    /// <param name="endOfVideo">Ends the video: what was received until then is scored, and its segments are given.</param>
    /// <param name="cancellationToken">Ends the work at once.</param>
    /// <exception cref="ArgumentException">A setting of the video is out of range.</exception>
    /// <exception cref="VideoReadException">No frame came, or the video broke off and did not come back.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerable<VideoSegment> FindSegments(
        LiveVideo video, CancellationToken endOfVideo = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using IEnumerator<VideoSegment> segments = Join(ScoreWindows(video, endOfVideo, cancellationToken)).GetEnumerator();
        while (await Task.Run(segments.MoveNext, cancellationToken).ConfigureAwait(false))
            yield return segments.Current;
    }
}
