// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Turns frames into the pixel values a VideoMAE model takes: resize, centre crop, rescale, normalise. Follows the
/// arithmetic of Hugging Face's VideoMAEImageProcessor to the last bit of every 8-bit pixel.
/// </summary>
/// <remarks>Instances are immutable and may be used from several threads at once.</remarks>
public sealed partial class VideoMaeImageProcessor
{
    private readonly PixelTable _table;

    /// <summary>Makes a processor.</summary>
    /// <param name="options">The settings; null for the defaults of the reference's class.</param>
    /// <exception cref="ArgumentException">Settings are invalid; the message lists all problems.</exception>
    public VideoMaeImageProcessor(VideoMaeImageProcessorOptions? options = null)
    {
        options ??= new VideoMaeImageProcessorOptions();
        ImageProcessorValidation.ThrowIfInvalid(options);
        // Lists may be changed by their owner: copied, so that what was checked is what is used.
        Options = options with { ImageMean = [.. options.ImageMean], ImageStd = [.. options.ImageStd] };
        _table = new PixelTable(Options);
        _unitTable = new Lazy<PixelTable>(() => new PixelTable(Options, 1 / 255.0));
    }

    /// <summary>The settings in use.</summary>
    public VideoMaeImageProcessorOptions Options { get; }

    /// <summary>The height and width of the pixel values for frames of a size.</summary>
    /// <param name="height">The height of the frames in pixels.</param>
    /// <param name="width">The width of the frames in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public (int Height, int Width) GetOutputSize(int height, int width) =>
        Options.DoCenterCrop ? (Options.CropSize.Height!.Value, Options.CropSize.Width!.Value) : GetResizedSize(height, width);

    /// <summary>The number of pixel values for frames: T * 3 * height * width of the output.</summary>
    /// <param name="frames">The frames.</param>
    public int GetOutputLength(VideoFrames frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        (int height, int width) = GetOutputSize(frames.Height, frames.Width);
        return checked(frames.Count * VideoFrames.Channels * height * width);
    }

    /// <summary>Computes pixel values.</summary>
    /// <param name="frames">The frames, [T, H, W, 3].</param>
    /// <returns>[T, 3, H', W'] with the size of <see cref="GetOutputSize"/>.</returns>
    public float[] Process(VideoFrames frames)
    {
        var pixelValues = new float[GetOutputLength(frames)];
        Process(frames, pixelValues);
        return pixelValues;
    }

    /// <summary>Computes pixel values into memory of the caller.</summary>
    /// <param name="frames">The frames, [T, H, W, 3].</param>
    /// <param name="pixelValues">
    /// Receives [T, 3, H', W'] with the size of <see cref="GetOutputSize"/>; its length must be <see cref="GetOutputLength"/>.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="pixelValues"/> has another length.</exception>
    public void Process(VideoFrames frames, Span<float> pixelValues) => Process(frames, pixelValues, SimdLevel.Vector512);

    /// <summary>The output size where it does not depend on the frames, otherwise null.</summary>
    internal (int Height, int Width)? FixedOutputSize =>
        Options.DoCenterCrop ? (Options.CropSize.Height!.Value, Options.CropSize.Width!.Value)
        : Options.DoResize && Options.Size is { Height: { } height, Width: { } width } ? (height, width)
        : null;

    internal void Process(VideoFrames frames, Span<float> pixelValues, SimdLevel simd)
    {
        ArgumentNullException.ThrowIfNull(frames);
        CheckLength(frames.Count, GetOutputSize(frames.Height, frames.Width), pixelValues.Length);
        ProcessBytes(frames, _table, pixelValues, simd);
    }

    private void ProcessBytes(VideoFrames frames, PixelTable table, Span<float> pixelValues, SimdLevel simd)
    {
        (int height, int width) = GetResizedSize(frames.Height, frames.Width);
        ProcessWindow(frames, height, width, GetWindow(height, width), table, pixelValues, simd);
    }

    private void ProcessWindow(
        VideoFrames frames, int height, int width, CropWindow window, PixelTable table, Span<float> pixelValues, SimdLevel simd)
    {
        if (frames.Height == height && frames.Width == width && window == new CropWindow(0, 0, height, width))
        {
            // Nothing is resized or cut off: a frame is one long row.
            (height, width) = (1, height * width);
            frames = new VideoFrames(frames.Pixels, frames.Count, height, width);
            window = new CropWindow(0, 0, height, width);
        }

        CropWindow inside = window.Inside(height, width);
        using FrameResizer resizer = CreateResizer(frames, height, width, inside, simd);
        PixelWriter.Write(
            frames, resizer, inside.Top - window.Top, inside.Left - window.Left, window.Height, window.Width, table, pixelValues, simd);
    }

    private FrameResizer CreateResizer(VideoFrames frames, int height, int width, CropWindow window, SimdLevel simd)
    {
        if (frames.Height == height && frames.Width == width)
            return new UnscaledResizer(width, window, simd);
        // torchvision resizes tensors of 8 bits with Lanczos nearly as Pillow does, and has it for no others.
        return Options.Backend == ProcessorBackend.Pillow || Options.Resample == Resampling.Lanczos
            ? PillowResizer.Create(
                frames.Height, frames.Width, ResizeBox.Whole(frames.Height, frames.Width), height, width, Options.Resample, window,
                simd: simd)
            : TorchvisionResizer.Create(frames.Height, frames.Width, height, width, Options.Resample, window);
    }

    /// <summary>
    /// Cuts a part out of the frames and resizes it to the fixed output size, mirrored on request (with Pillow's arithmetic).
    /// </summary>
    internal void ProcessCrop(VideoFrames frames, CropWindow crop, bool mirrored, Span<float> pixelValues)
    {
        (int height, int width) = FixedOutputSize!.Value;
        CheckLength(frames.Count, (height, width), pixelValues.Length);
        using PillowResizer resizer =
            PillowResizer.CreateCropped(frames.Height, frames.Width, crop, height, width, Options.Resample, mirrored);
        PixelWriter.Write(frames, resizer, 0, 0, height, width, _table, pixelValues, SimdLevel.Vector512);
    }

    /// <summary>
    /// One of several views of testing: resized as ever, then cut out not at the centre but at one of <paramref name="views"/> places
    /// spread evenly along each axis that is longer than the crop (the original's three-crop test).
    /// </summary>
    internal void ProcessView(VideoFrames frames, int view, int views, Span<float> pixelValues)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(views);
        ArgumentOutOfRangeException.ThrowIfNegative(view);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(view, views);
        (int height, int width) = GetResizedSize(frames.Height, frames.Width);
        CropWindow window = GetWindow(height, width);
        if (views > 1)
        {
            window = window with
            {
                Top = height > window.Height ? (int)(view * ((double)(height - window.Height) / (views - 1))) : window.Top,
                Left = width > window.Width ? (int)(view * ((double)(width - window.Width) / (views - 1))) : window.Left,
            };
        }

        CheckLength(frames.Count, (window.Height, window.Width), pixelValues.Length);
        ProcessWindow(frames, height, width, window, _table, pixelValues, SimdLevel.Vector512);
    }

    private static void CheckLength(int frames, (int Height, int Width) size, int given)
    {
        long expected = (long)frames * VideoFrames.Channels * size.Height * size.Width;
        if (given != expected)
        {
            throw new ArgumentException(
                $"Room for {given} pixel values was given; {frames} frames give {expected} ({frames} x 3 x {size.Height} x {size.Width}).",
                "pixelValues");
        }
    }

    private (int Height, int Width) GetResizedSize(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return Options.DoResize ? Options.Size.Resolve(height, width) : (height, width);
    }

    private CropWindow GetWindow(int height, int width) => Options.DoCenterCrop
        ? CropWindow.Center(height, width, Options.CropSize.Height!.Value, Options.CropSize.Width!.Value, Options.Backend)
        : new CropWindow(0, 0, height, width);
}
