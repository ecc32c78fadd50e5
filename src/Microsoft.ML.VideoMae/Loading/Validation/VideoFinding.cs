// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Text.Json.Serialization;
using Microsoft.ML.VideoMae.Similarity;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// What was found in one video of a data set, by <see cref="VideoMaeCatalog.InspectVideos"/>. Findings of all videos make a
/// <see cref="VideoValidationReport"/>. They can be written as JSON by System.Text.Json and read again: about 90 KB for a video where near
/// duplicates are looked for.
/// </summary>
public sealed record VideoFinding
{
    [JsonConstructor]
    internal VideoFinding()
    {
    }

    /// <summary>The row of the data, from 0.</summary>
    [JsonInclude]
    public long Row { get; internal init; }

    /// <summary>The video's path or name.</summary>
    [JsonInclude]
    public string Video { get; internal init; } = "";

    /// <summary>The label, where a label column was given.</summary>
    [JsonInclude]
    public string? Label { get; internal init; }

    /// <summary>The part of the data set, where a split column was given.</summary>
    [JsonInclude]
    public string? Split { get; internal init; }

    /// <summary>The kind of problem, where the video cannot be read.</summary>
    [JsonInclude]
    public VideoReadError Error { get; internal init; }

    /// <summary>Why the video cannot be read; null where it can.</summary>
    [JsonInclude]
    public string? Reason { get; internal init; }

    /// <summary>The hash of the content; nothing for frames in memory.</summary>
    [JsonInclude]
    internal string Hash { get; init; } = "";

    /// <summary>What near duplicates are found by; null where they are not looked for.</summary>
    [JsonInclude]
    internal ClipFingerprint? Fingerprint { get; init; }
}
