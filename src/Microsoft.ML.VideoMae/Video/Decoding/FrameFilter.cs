// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Writes ffmpeg's filter chain: which frames, square pixels, a smaller size.</summary>
internal static class FrameFilter
{
    /// <summary>More terms than this make the filter slower than passing every frame through the pipe.</summary>
    public const int MaxTerms = 256;

    /// <summary>The expression that selects the frames, or null if it would have more than <see cref="MaxTerms"/> terms.</summary>
    /// <param name="ascending">Frame numbers, ascending, without repeats.</param>
    public static string? Select(ReadOnlySpan<int> ascending)
    {
        var text = new StringBuilder();
        int terms = 0;
        for (int i = 0; i < ascending.Length; terms++)
        {
            int last = i;
            while (last + 1 < ascending.Length && ascending[last + 1] == ascending[last] + 1)
                last++;
            text.Append(i == 0 ? "select='" : "+")
                .Append(CultureInfo.InvariantCulture, $"between(n,{ascending[i]},{ascending[last]})");
            i = last + 1;
        }

        return terms > MaxTerms ? null : text.Append('\'').ToString();
    }

    /// <summary>The chain, or null if frames pass unchanged.</summary>
    /// <param name="select">The filter that picks frames, or null.</param>
    /// <param name="options">What is done to frames.</param>
    /// <param name="scaleName">The name of the filter that scales, by which ffmpeg's messages tell it from those of other clips.</param>
    public static string? Chain(string? select, VideoReadOptions options, string scaleName = "scale")
    {
        var filters = new List<string>();
        if (select is not null)
            filters.Add(select);
        if (Scale(options, scaleName) is string scale)
            filters.Add(scale);
        return filters.Count == 0 ? null : string.Join(",", filters);
    }

    /// <summary>The size of a frame after scaling; the same arithmetic as the filter's.</summary>
    public static (int Width, int Height) Scaled(int width, int height, double pixelAspect, VideoReadOptions options)
    {
        double aspect = options.ApplyPixelAspectRatio && pixelAspect > 0 ? pixelAspect : 1;
        double w = width * Math.Max(1, aspect);
        double h = height * Math.Max(1, 1 / aspect);
        double factor = options.MaxShortSide is int side ? Math.Min(1, side / Math.Min(w, h)) : 1;
        return ((int)Math.Max(1, Math.Floor((w * factor) + 0.5)), (int)Math.Max(1, Math.Floor((h * factor) + 0.5)));
    }

    private static string? Scale(VideoReadOptions options, string name)
    {
        if (!options.ApplyPixelAspectRatio && options.MaxShortSide is null)
            return null;
        (string w, string h) = options.ApplyPixelAspectRatio ? ("iw*max(1,sar)", "ih*max(1,1/sar)") : ("iw", "ih");
        string factor = options.MaxShortSide is int side
            ? string.Create(CultureInfo.InvariantCulture, $"*min(1,{side}/min({w},{h}))")
            : "";
        return $"{name}=w='max(1,floor({w}{factor}+0.5))':h='max(1,floor({h}{factor}+0.5))'";
    }
}
