// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Writes resized frames as normalised pixel values, padding what they don't cover with the value of black.</summary>
internal static class PixelWriter
{
    /// <param name="frames">The source frames.</param>
    /// <param name="resizer">Yields the rows of the part that is not padding.</param>
    /// <param name="top">Rows of padding above that part.</param>
    /// <param name="left">Columns of padding before that part.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="table">Rescaling and normalisation.</param>
    /// <param name="pixelValues">[T, 3, height, width].</param>
    /// <param name="simd">The widest vectors to use.</param>
    public static void Write(
        VideoFrames frames, FrameResizer resizer, int top, int left, int height, int width,
        PixelTable table, Span<float> pixelValues, SimdLevel simd)
    {
        bool padded = resizer.Height < height || resizer.Width < width;
        int plane = height * width;
        byte[] row = ArrayPool<byte>.Shared.Rent(VideoFrames.Channels * resizer.Stride);
        for (int t = 0; t < frames.Count; t++)
        {
            Span<float> frame = pixelValues.Slice(t * VideoFrames.Channels * plane, VideoFrames.Channels * plane);
            if (padded)
            {
                for (int c = 0; c < VideoFrames.Channels; c++)
                    frame.Slice(c * plane, plane).Fill(table[c, 0]);
            }

            resizer.Load(frames.Frame(t));
            for (int y = 0; y < resizer.Height; y++)
            {
                resizer.ReadRow(y, row);
                for (int c = 0; c < VideoFrames.Channels; c++)
                {
                    table.Convert(
                        c, row.AsSpan(c * resizer.Stride, resizer.Width),
                        frame.Slice(c * plane + (top + y) * width + left, resizer.Width), simd);
                }
            }
        }

        ArrayPool<byte>.Shared.Return(row);
    }
}
