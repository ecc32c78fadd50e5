// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How a <see cref="VideoFrameCache"/> stores frames, and how many.</summary>
public sealed record VideoFrameCacheOptions
{
    /// <summary>
    /// The bytes on disk that are not to be exceeded. The folder may hold a few entries more while several processes write to it.
    /// </summary>
    /// <value>The default value is 20 GiB.</value>
    public long MaxBytes { get; init; } = 20L << 30;

    /// <summary>Stores frames as JPEG of this quality, about a tenth of the bytes and not exact; null stores them as they are.</summary>
    /// <value>The default value is <see langword="null"/>: exact.</value>
    public int? JpegQuality { get; init; }

    /// <summary>
    /// Recognises a file by its content instead of its path, size and time of change: safer, but every file is read once a process.
    /// </summary>
    /// <value>The default value is <see langword="false"/>. Videos in memory are always recognised by content.</value>
    public bool KeyByContent { get; init; }

    internal VideoFrameCacheOptions Validated()
    {
        var problems = new ProblemList();
        problems.AtLeastOne(nameof(MaxBytes), MaxBytes);
        problems.Require(JpegQuality is not (< 1 or > 100), $"{nameof(JpegQuality)} is {JpegQuality}; it must be 1 to 100, or null for exact frames.");
        problems.ThrowIfAny($"The {nameof(VideoFrameCacheOptions)} are invalid");
        return this;
    }
}
