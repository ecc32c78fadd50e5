// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>How videos are decoded, and the limits that keep a hostile or broken file from stalling or crashing the program.</summary>
public sealed record VideoReadOptions
{
    /// <summary>The defaults.</summary>
    public static VideoReadOptions Default { get; } = new();

    /// <summary>The longest time one read may take, process start included.</summary>
    /// <value>The default value is two minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The largest frame, in pixels (width times height).</summary>
    /// <value>The default value is 33,177,600: 8K (7680x4320).</value>
    public int MaxFramePixels { get; init; } = 7680 * 4320;

    /// <summary>The largest number of frames one read delivers.</summary>
    /// <value>The default value is 10,000.</value>
    public int MaxFrames { get; init; } = 10_000;

    /// <summary>The largest number of bytes of pixels one read delivers.</summary>
    /// <value>The default value is 1 GiB.</value>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Shrinks frames while decoding so that their shorter side has this many pixels;
    /// smaller frames are left alone. Null leaves every frame alone.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: the processor's own resize is exact to the reference, this one is not.</value>
    public int? MaxShortSide { get; init; }

    /// <summary>Turns frames as the file's rotation tag asks.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool ApplyRotation { get; init; } = true;

    /// <summary>Stretches frames with non-square pixels to square ones; one side grows, neither shrinks.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool ApplyPixelAspectRatio { get; init; } = true;

    /// <summary>The number of threads the decoder of one video uses. Several videos are better decoded side by side.</summary>
    /// <value>The default value is 1.</value>
    public int DecoderThreads { get; init; } = 1;

    /// <summary>
    /// The folder for temporary files: videos in memory whose format the decoder cannot read from a pipe go through one. It is made if it
    /// does not exist; each file is deleted after its read. What is read does not depend on it.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: the system's folder for temporary files.</value>
    public string? TempFilePath { get; init; }

    /// <summary>Throws if an option is out of range; every problem is listed.</summary>
    internal VideoReadOptions Validated()
    {
        var problems = new ProblemList();
        problems.Require(
            Timeout > TimeSpan.Zero && Timeout.TotalMilliseconds <= int.MaxValue,
            $"{nameof(Timeout)} is {Timeout}; it must be positive and at most 24 days.");
        problems.AtLeastOne(nameof(MaxFramePixels), MaxFramePixels);
        problems.AtLeastOne(nameof(MaxFrames), MaxFrames);
        problems.AtLeastOne(nameof(MaxBytes), MaxBytes);
        problems.AtLeastOne(nameof(DecoderThreads), DecoderThreads);
        problems.Require(MaxBytes <= Array.MaxLength, $"{nameof(MaxBytes)} is {MaxBytes}; at most {Array.MaxLength} bytes fit one array.");
        problems.AtLeastOne(nameof(MaxShortSide), MaxShortSide ?? 1);
        problems.Require(
            TempFilePath is null || (TempFilePath.Trim().Length > 0 && !TempFilePath.Contains('\0', StringComparison.Ordinal)),
            $"{nameof(TempFilePath)} is '{TempFilePath}'; it must be the path of a folder, or null for the system's.");
        problems.ThrowIfAny($"The {nameof(VideoReadOptions)} are invalid");
        return this;
    }
}
