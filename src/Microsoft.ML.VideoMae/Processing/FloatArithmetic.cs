// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Rescaling and normalisation of one value, in the order and precision of the chosen back end.</summary>
internal static class FloatArithmetic
{
    public static float Apply(float value, int channel, VideoMaeImageProcessorOptions options)
    {
        bool numpy = options.Backend == ProcessorBackend.Pillow;
        if (options.DoRescale && options.DoNormalize && !numpy)
        {
            // torchvision folds rescaling into mean and standard deviation.
            float unscale = (float)(1 / options.RescaleFactor);
            return (value - (float)options.ImageMean[channel] * unscale) / ((float)options.ImageStd[channel] * unscale);
        }

        if (options.DoRescale)
            value = numpy ? (float)(value * options.RescaleFactor) : value * (float)options.RescaleFactor;
        return options.DoNormalize ? (value - (float)options.ImageMean[channel]) / (float)options.ImageStd[channel] : value;
    }
}
