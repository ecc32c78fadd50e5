// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>How a long video becomes segments.</summary>
public sealed record VideoTimelineOptions
{
    /// <summary>How long the stretches are that the model sees, one after the other.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: as long as the training clips, where the model's card says it. For other models it is
    /// what the sampler spans, or 2 seconds.
    /// </value>
    public TimeSpan? Window { get; init; }

    /// <summary>From the start of a window to that of the next; at most a window.</summary>
    /// <value>The default value is <see langword="null"/>: a quarter of a window.</value>
    public TimeSpan? Stride { get; init; }

    /// <summary>A segment begins where the probability of its class reaches this. What is below it is nothing, or something other.</summary>
    /// <value>The default value is 0.5.</value>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>A segment goes on as long as the probability of its class is not below this.</summary>
    /// <value>The default value is <see langword="null"/>: seven tenths of <see cref="Threshold"/>.</value>
    public float? KeepThreshold { get; init; }

    /// <summary>Shorter segments are left out, and shorter breaks in a segment are closed.</summary>
    /// <value>The default value is <see langword="null"/>: a window.</value>
    public TimeSpan? ShortestSegment { get; init; }

    /// <summary>A class of the model that means that nothing happens: it gets no segments.</summary>
    /// <value>The default value is <see langword="null"/>: every class gets some.</value>
    public string? OtherClass { get; init; }

    /// <summary>The name of the Video column that the model reads. What loads videos in a model tells it, and is left out.</summary>
    /// <value>The default value is Video.</value>
    public string VideoColumnName { get; init; } = "Video";

    /// <summary>The name of the column with the probabilities that the model gives.</summary>
    /// <value>The default value is Score.</value>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Gets what a user should know, in sentences: which window was taken, and what could not be read.</summary>
    /// <value>The default value is <see langword="null"/>: nobody is told.</value>
    public Action<string>? Note { get; init; }
}

/// <summary>A stretch of a video with one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Start">Where it starts, from the first frame.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Probability">The mean probability of the class.</param>
public sealed record VideoSegment(string Label, TimeSpan Start, TimeSpan End, float Probability);

/// <summary>What a model says of one window of a video, or a gap between windows of a live one.</summary>
/// <param name="Start">Where the window starts, from the first frame.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Probabilities">
/// A probability for each class, in the order of <see cref="VideoTimeline.Labels"/>; null where the window could not be read, where the
/// model was too slow for a live video, and in a gap.
/// </param>
public sealed record VideoWindowScore(TimeSpan Start, TimeSpan End, float[]? Probabilities)
{
    /// <summary>Whether nothing was received from <see cref="Start"/> to <see cref="End"/>. No segment runs through a gap.</summary>
    public bool IsGap { get; init; }

    /// <summary>Whether a gap or the end follows: segments end here.</summary>
    internal bool IsLast { get; init; }
}
