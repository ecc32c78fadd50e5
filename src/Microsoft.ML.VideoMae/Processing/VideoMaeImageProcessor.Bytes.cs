// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <content>Back to pixels that can be looked at.</content>
public sealed partial class VideoMaeImageProcessor
{
    /// <summary>Undoes rescaling and normalisation of one frame.</summary>
    /// <param name="pixelValues">[3, H, W].</param>
    /// <returns>RGB, [H, W, 3].</returns>
    internal byte[] ToBytes(ReadOnlySpan<float> pixelValues)
    {
        var bytes = new byte[pixelValues.Length];
        int plane = pixelValues.Length / VideoFrames.Channels;
        double scale = Options.DoRescale ? Options.RescaleFactor : 1;
        for (int channel = 0; channel < VideoFrames.Channels; channel++)
        {
            (double mean, double deviation) = Options.DoNormalize ? (Options.ImageMean[channel], Options.ImageStd[channel]) : (0, 1);
            for (int i = 0; i < plane; i++)
                bytes[i * VideoFrames.Channels + channel] =
                    (byte)Math.Clamp(Math.Round((pixelValues[channel * plane + i] * deviation + mean) / scale), 0, 255);
        }

        return bytes;
    }
}
