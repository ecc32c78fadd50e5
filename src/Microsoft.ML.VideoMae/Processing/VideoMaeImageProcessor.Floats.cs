// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Processing;

public sealed partial class VideoMaeImageProcessor
{
    private readonly Lazy<PixelTable> _unitTable;
    private int _warned;

    /// <summary>Is told, once, of input that is probably a mistake: frames from 0 to 1 that are about to be rescaled again.</summary>
    public Action<string>? Warning { get; init; }

    /// <summary>
    /// Computes pixel values of frames that are floats already: from 0 to 1 (use <c>do_rescale</c> false then), or from 0 to 255.
    /// </summary>
    /// <remarks>
    /// As in the reference, the Pillow back end resizes 8-bit pixels: frames from 0 to 1 are multiplied by 255, truncated, resized
    /// and divided again; other frames must hold whole numbers from 0 to 255. Without a resize, and with torchvision, floats
    /// stay floats.
    /// </remarks>
    /// <param name="frames">[<paramref name="count"/>, <paramref name="height"/>, <paramref name="width"/>, 3], RGB.</param>
    /// <param name="count">The number of frames.</param>
    /// <param name="height">The height of the frames in pixels.</param>
    /// <param name="width">The width of the frames in pixels.</param>
    /// <returns>[T, 3, H', W'] with the size of <see cref="GetOutputSize"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values does not fit the sizes, or values are neither from 0 to 1 nor whole numbers from 0 to 255.
    /// </exception>
    public float[] Process(ReadOnlySpan<float> frames, int count, int height, int width)
    {
        (int outputHeight, int outputWidth) = GetOutputSize(height, width);
        var pixelValues = new float[checked(count * VideoFrames.Channels * outputHeight * outputWidth)];
        Process(frames, count, height, width, pixelValues);
        return pixelValues;
    }

    internal void Process(ReadOnlySpan<float> frames, int count, int height, int width, Span<float> pixelValues)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        CheckLength(count, GetOutputSize(height, width), pixelValues.Length);
        FloatClip clip = FloatClip.Check(frames, count, height, width);
        if (Options.DoRescale && clip.IsUnitRange && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            Warning?.Invoke(
                $"The frames hold values from {clip.Min} to {clip.Max} already and are multiplied by {Options.RescaleFactor} once more. "
                + "If they are scaled to [0, 1], set do_rescale to false.");
        }

        if (Options.DoResize && Options.Backend == ProcessorBackend.Pillow)
            ProcessBytes(clip.Quantise(frames), clip.IsUnitRange ? _unitTable.Value : _table, pixelValues, SimdLevel.Vector512);
        else
            ProcessFloats(frames, count, height, width, pixelValues);
    }

    private void ProcessFloats(ReadOnlySpan<float> frames, int count, int sourceHeight, int sourceWidth, Span<float> pixelValues)
    {
        (int height, int width) = GetResizedSize(sourceHeight, sourceWidth);
        CropWindow window = GetWindow(height, width);
        CropWindow inside = window.Inside(height, width);
        Resampling resampling = Options.DoResize ? Options.Resample : Resampling.Nearest;
        using var resizer = TorchvisionResizer.Create(sourceHeight, sourceWidth, height, width, resampling, inside);
        int plane = window.Height * window.Width;
        int frame = sourceHeight * sourceWidth * VideoFrames.Channels;
        for (int t = 0; t < count; t++)
        {
            resizer.Load(frames.Slice(t * frame, frame));
            for (int c = 0; c < VideoFrames.Channels; c++)
                pixelValues.Slice((t * VideoFrames.Channels + c) * plane, plane).Fill(FloatArithmetic.Apply(0, c, Options));
            for (int y = 0; y < inside.Height; y++)
            {
                ReadOnlySpan<float> row = resizer.ReadRow(y);
                for (int c = 0; c < VideoFrames.Channels; c++)
                {
                    int at = (t * VideoFrames.Channels + c) * plane + (inside.Top - window.Top + y) * window.Width
                        + inside.Left - window.Left;
                    for (int x = 0; x < inside.Width; x++)
                        pixelValues[at + x] = FloatArithmetic.Apply(row[c * resizer.Stride + x], c, Options);
                }
            }
        }
    }

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
