// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>The size frames are resized to: either the shortest edge, keeping the aspect ratio, or height and width.</summary>
public sealed record FrameSize
{
    private FrameSize(int? shortestEdge, int? longestEdge, int? height, int? width)
    {
        ShortestEdge = shortestEdge;
        LongestEdge = longestEdge;
        Height = height;
        Width = width;
    }

    /// <summary>The length of the shorter edge in pixels, or null where height and width are given.</summary>
    public int? ShortestEdge { get; }

    /// <summary>What the longer edge may have at most, beside the shortest edge; null for any length.</summary>
    public int? LongestEdge { get; }

    /// <summary>The height in pixels, or null where the shortest edge is given.</summary>
    public int? Height { get; }

    /// <summary>The width in pixels, or null where the shortest edge is given.</summary>
    public int? Width { get; }

    /// <summary>The shorter edge gets this length, the longer one follows the aspect ratio (rounded down).</summary>
    /// <param name="pixels">The length in pixels; checked by the processor.</param>
    public static FrameSize Shortest(int pixels) => Shortest(pixels, null);

    /// <summary>The same, but where the longer edge would be longer than this, it gets this length and the shorter one follows.</summary>
    /// <param name="pixels">The length of the shorter edge in pixels; checked by the processor.</param>
    /// <param name="longest">The largest length of the longer edge in pixels; null for any.</param>
    public static FrameSize Shortest(int pixels, int? longest) => new(pixels, longest, null, null);

    /// <summary>Exactly this size, whatever the aspect ratio.</summary>
    /// <param name="height">The height in pixels; checked by the processor.</param>
    /// <param name="width">The width in pixels; checked by the processor.</param>
    public static FrameSize Exact(int height, int width) => new(null, null, height, width);

    /// <summary>The size that frames of <paramref name="height"/> x <paramref name="width"/> get.</summary>
    /// <param name="height">The source height in pixels.</param>
    /// <param name="width">The source width in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A source size is not positive.</exception>
    public (int Height, int Width) Resolve(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (ShortestEdge is not { } edge)
            return (Height!.Value, Width!.Value);

        if (LongestEdge is { } most && (double)Math.Max(height, width) / Math.Min(height, width) * edge > most)
        {
            // The reference rounds the shorter edge, and works the longer one out from what was not rounded.
            double exact = (double)most * Math.Min(height, width) / Math.Max(height, width);
            int rounded = (int)Math.Round(exact, MidpointRounding.ToEven);
            return width < height ? ((int)(exact * height / width), rounded) : (rounded, (int)(exact * width / height));
        }

        // int(edge * long / short) of the reference: the product is exact, the quotient a double.
        return width <= height
            ? (checked((int)((double)((long)edge * height) / width)), edge)
            : (edge, checked((int)((double)((long)edge * width) / height)));
    }

    /// <inheritdoc/>
    public override string ToString() => ShortestEdge is { } edge
        ? $"shortest_edge {edge}{(LongestEdge is { } longest ? $", longest_edge {longest}" : "")}" : $"{Height}x{Width}";
}
