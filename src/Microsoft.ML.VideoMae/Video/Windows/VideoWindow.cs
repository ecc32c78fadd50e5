// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Live;

namespace Microsoft.ML.VideoMae.Windows;

/// <summary>A part of a video in time.</summary>
/// <param name="Source">The video.</param>
/// <param name="Start">Where the part starts, in seconds from the first frame.</param>
/// <param name="End">Where it ends.</param>
internal sealed record VideoWindow(WindowSource Source, double Start, double End)
{
    /// <summary>The frames themselves, where they came from a live video; null where they are read.</summary>
    public HeldFrames? Held { get; init; }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Source.Video.Name} from {Start:0.###} s to {End:0.###} s");

    /// <summary>Reads frames of the part. Parts that are read one after the other share what is decoded.</summary>
    public VideoFrames Read(VideoReader reader, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        if (Held is not null)
            return Held.Pick(this, request, options);
        if (Source.TryRead(this, reader, request, options, cancellationToken) is VideoFrames frames)
            return frames;
        var sampler = new WindowSampler(request, this);

        // Chance was drawn by the request itself: a seed only says that the frames are not to be kept for others.
        Random? random = request.Choice is null ? new Random(0) : null;
        return reader.Read(Source.Video, FrameRequest.ForSampler(sampler, random, request.Memory), options, cancellationToken);
    }

    /// <summary>The frames of the part that a request wants.</summary>
    /// <param name="timeline">The frames of the whole video.</param>
    /// <param name="request">The request, which counts from the first frame of the part.</param>
    public int[] Choose(FrameTimeline timeline, FrameRequest request)
    {
        (int first, int count, _) = timeline.Within(Start, End);
        int[] wanted;
        try
        {
            wanted = request.Choose(timeline.Part(first, count));
        }
        catch (Exception e) when (VideoReader.ErrorOf(e) is VideoReadError error)
        {
            throw new VideoReadException(Name, error, e.Message, e);
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] >= count)
            {
                throw new VideoReadException(Name, VideoReadError.TooShort,
                    $"frame {wanted[i]} was asked for, and the part has {count} frames (0 to {count - 1}). Ask for fewer, or use a sampler.");
            }

            wanted[i] += first;
        }

        return wanted;
    }

    /// <summary>What is known of the part.</summary>
    public VideoMetadata Describe(VideoMetadata whole, FrameTimeline timeline)
    {
        double end = Math.Min(End, timeline.Duration);
        return whole with
        {
            FrameCount = timeline.Within(Start, End).Count,
            Duration = TimeSpan.FromSeconds(Math.Max(0, end - Start)),
        };
    }
}

/// <summary>Chooses from a part of a video what a request wants of it.</summary>
internal sealed class WindowSampler(FrameRequest request, VideoWindow window) : FrameSampler(1)
{
    public override bool NeedsTimes => true;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"window({window.Start:R},{window.End:R},{request.Choice ?? "given"})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        if (timeline.FramesPerSecond == 0)
            throw new ClipHasNoTimesException();
        return window.Choose(timeline, request);
    }
}
