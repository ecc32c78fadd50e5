// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Random erasing (Zhong et al., 2017, arXiv:1708.04896) of pixel values: a rectangle at the same place in all frames of a clip, as
/// the original VideoMAE's cube mode.
/// </summary>
internal sealed class RandomErasing(double probability, ErasingMode mode, int maxCount)
{
    private const double MinArea = 0.02;
    private const double MaxArea = 1.0 / 3;
    private const double MinAspect = 0.3;
    private const int Attempts = 100;

    /// <summary>Erases, or not.</summary>
    /// <param name="pixelValues">[frames, 3, height, width].</param>
    /// <param name="frames">The number of frames.</param>
    /// <param name="height">Their height.</param>
    /// <param name="width">Their width.</param>
    /// <param name="random">Decides.</param>
    public void Apply(Span<float> pixelValues, int frames, int height, int width, Random random)
    {
        if (random.NextDouble() >= probability)
            return;
        int count = random.Next(1, maxCount + 1);
        // With several blocks the original spares the first frames, for the clean part of a split batch.
        int start = maxCount > 1 ? frames / maxCount : 0;
        for (int i = 0; i < count; i++)
        {
            if (Draw(height, width, count, random) is { } box)
                Erase(pixelValues, start, frames, height, width, box, random);
        }
    }

    /// <summary>A rectangle smaller than the frame, or null where a hundred draws give none.</summary>
    internal static CropWindow? Draw(int height, int width, int count, Random random)
    {
        double log = Math.Log(MinAspect);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = random.Uniform(MinArea, MaxArea) * height * width / count;
            double aspect = Math.Exp(random.Uniform(log, -log));
            int h = (int)Math.Round(Math.Sqrt(area * aspect));
            int w = (int)Math.Round(Math.Sqrt(area / aspect));
            if (w < width && h < height)
                return new CropWindow(random.Next(height - h + 1), random.Next(width - w + 1), h, w);
        }

        return null;
    }

    private void Erase(Span<float> pixelValues, int start, int frames, int height, int width, CropWindow box, Random random)
    {
        for (int plane = start * VideoFrames.Channels; plane < frames * VideoFrames.Channels; plane++)
        {
            float colour = mode == ErasingMode.Color ? (float)random.Gaussian() : 0;
            for (int y = box.Top; y < box.Top + box.Height; y++)
            {
                Span<float> row = pixelValues.Slice((plane * height + y) * width + box.Left, box.Width);
                row.Fill(colour);
                for (int x = 0; mode == ErasingMode.Pixel && x < row.Length; x++)
                    row[x] = (float)random.Gaussian();
            }
        }
    }
}
