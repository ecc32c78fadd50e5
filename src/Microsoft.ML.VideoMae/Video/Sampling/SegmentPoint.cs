// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>Which frame of a segment scoring takes.</summary>
public enum SegmentPoint
{
    /// <summary>The frame in the middle.</summary>
    Center,

    /// <summary>The first frame, as Hugging Face's video processors sample: arange(0, total, total / num_frames).</summary>
    Start,
}
