// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>What a sampler does when a clip ends before the last frame it wants.</summary>
public enum ShortClipPolicy
{
    /// <summary>Repeats the last frame: 0 1 2 3 3 3.</summary>
    RepeatLast,

    /// <summary>Starts again from the first frame: 0 1 2 3 0 1.</summary>
    Wrap,

    /// <summary>Fails with <see cref="ClipTooShortException"/>.</summary>
    Error,
}
