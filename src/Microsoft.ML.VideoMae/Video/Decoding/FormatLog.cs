// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>The formats that the frames of one run of ffmpeg had, as its messages tell.</summary>
/// <remarks>
/// Joined files and recordings of browsers change size or pixel format on the way. ffmpeg then builds its filters anew, scales what
/// comes out to the first size, and counts frames from 0 again.
/// </remarks>
internal sealed class FormatLog
{
    private const int Kept = 4;

    private readonly List<StreamFormat> _formats = [];
    private string? _scaledAspect;

    /// <summary>How often ffmpeg built its filters.</summary>
    public int Builds { get; private set; }

    /// <summary>The first formats, in the order of the stream.</summary>
    public IReadOnlyList<StreamFormat> Formats => _formats;

    public void Add(string line)
    {
        if (StreamFormat.TryParseSource(line) is StreamFormat format)
        {
            Builds++;
            _scaledAspect = null;
            Keep(format);
        }
        else if (_formats.Count > 0 && StreamFormat.TryParseScaledAspect(line) is string aspect)
        {
            // The first of them may be upside down, where the frame was turned before.
            if (_scaledAspect is not null && aspect != _scaledAspect)
                Keep(_formats[^1] with { PixelAspect = aspect });
            _scaledAspect = aspect;
        }
    }

    /// <summary>A sentence for users if the format changes; null if it does not.</summary>
    /// <param name="squares">Whether pixels are made square: otherwise their shape does not matter.</param>
    public string? DescribeChange(bool squares)
    {
        string[] texts = [.. _formats.Select(f => (squares ? f : f with { PixelAspect = "1/1" }).ToString()).Distinct()];
        if (Builds < 2 && texts.Length < 2)
            return null;
        string what = texts.Length == 1 ? $"The rotation or the colours of the frames ({texts[0]}) change on the way"
            : $"The frames change on the way from {string.Join(" to ", texts)}{(_formats.Count == Kept ? " and so on" : "")}";
        return $"{what}; all are scaled to the size of the first.";
    }

    private void Keep(StreamFormat format)
    {
        if (_formats.Count < Kept)
            _formats.Add(format);
    }
}
