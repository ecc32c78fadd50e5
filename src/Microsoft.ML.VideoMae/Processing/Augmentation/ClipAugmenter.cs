// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Makes training views of clips: RandAugment, a random crop, a flip, a shift, another brightness and random erasing, each the same for all frames of a clip,
/// straight to pixel values.
/// </summary>
/// <remarks>
/// Instances are immutable and may be used from several threads at once, each with a <see cref="Random"/> of its own. Crops are
/// resized with Pillow's antialiased kernel, where the original interpolates without antialiasing.
/// </remarks>
internal sealed class ClipAugmenter
{
    private readonly VideoMaeImageProcessor _processor;
    private readonly ClipAugmenterOptions _options;
    private readonly RandAugment? _randAugment;
    private readonly RandomErasing? _erasing;

    /// <summary>Makes an augmenter.</summary>
    /// <param name="processor">
    /// Gives size, kernel, rescaling and normalisation of the views. Its output size must be fixed: a centre crop, or a height and width.
    /// </param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">Settings are invalid; the message lists all problems.</exception>
    public ClipAugmenter(VideoMaeImageProcessor processor, ClipAugmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(processor);
        _options = options ?? new ClipAugmenterOptions();
        _options.ThrowIfInvalid();
        _processor = processor;
        if (_options.Policy() is { } policy)
            _randAugment = new RandAugment(policy, _options.RandAugmentResample);
        if (_options.ErasingProbability > 0)
            _erasing = new RandomErasing(_options.ErasingProbability, _options.ErasingMode, _options.ErasingCount);
        (Height, Width) = processor.FixedOutputSize ?? throw new ArgumentException(
            $"The processor resizes to {processor.Options.Size} without a centre crop, so that the " +
            "size of its output depends on the frames; "
            + "training needs do_center_crop, or a size of height and width.", nameof(processor));
    }

    /// <summary>The height of a view in pixels.</summary>
    public int Height { get; }

    /// <summary>The width of a view in pixels.</summary>
    public int Width { get; }

    /// <summary>Makes a random view.</summary>
    /// <param name="frames">The clip, [T, H, W, 3].</param>
    /// <param name="random">Decides on everything.</param>
    /// <param name="pixelValues">Receives [T, 3, <see cref="Height"/>, <see cref="Width"/>].</param>
    /// <exception cref="ArgumentException"><paramref name="pixelValues"/> has another length.</exception>
    public void Apply(VideoFrames frames, Random random, Span<float> pixelValues)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(random);
        using MutableClip? work = _randAugment is null ? null : MutableClip.Copy(frames);
        if (work is not null)
        {
            _randAugment!.Apply(work, random);
            frames = work.View();
        }

        CropWindow crop = DrawCrop(frames.Height, frames.Width, random);
        bool mirrored = random.NextDouble() < _options.FlipProbability;
        _processor.ProcessCrop(frames, crop, mirrored, pixelValues);
        ShiftAndBrighten(pixelValues, random);
        _erasing?.Apply(pixelValues, frames.Count, Height, Width, random);
    }

    private CropWindow DrawCrop(int height, int width, Random random)
    {
        // Where the whole frame is stretched in scoring, a crop is stretched alike.
        bool stretches = !_processor.Options.DoCenterCrop;
        if (_options.Crop == ClipCrop.MultiScale)
            return MultiScaleCrop.Draw(height, width, Height, Width, stretches, _options.SmallestEdge, random);
        return RandomResizedCrop.Draw(height, width,
            stretches ? _options.Ranges.Stretched((double)width / height) : _options.Ranges, random);
    }

    private void ShiftAndBrighten(Span<float> pixelValues, Random random)
    {
        if (_options.MaxShift > 0)
            PixelChanges.Shift(pixelValues, Height, Width, Draw(Height), Draw(Width));
        if (_options.Brightness > 0)
        {
            double gain = random.Uniform(1 - _options.Brightness, 1 + _options.Brightness);
            double offset = random.Uniform(-_options.Brightness / 3, _options.Brightness / 3);
            PixelChanges.Brighten(pixelValues, Height * Width, _processor.Options, gain, offset);
        }

        int Draw(int side)
        {
            int largest = (int)Math.Round(_options.MaxShift * side);
            return random.Next(-largest, largest + 1);
        }
    }

    /// <summary>
    /// Changes a clip that was processed already, in the ways that need no frames: mirroring, shifts, brightness and erasing.
    /// </summary>
    /// <param name="pixelValues">[T, 3, <see cref="Height"/>, <see cref="Width"/>].</param>
    /// <param name="random">Decides on everything.</param>
    /// <exception cref="ArgumentException"><paramref name="pixelValues"/> holds no whole number of frames.</exception>
    public void ApplyToProcessed(Span<float> pixelValues, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int frame = VideoFrames.Channels * Height * Width;
        if (pixelValues.IsEmpty || pixelValues.Length % frame != 0)
            throw new ArgumentException($"{pixelValues.Length} pixel values are no whole frames of {frame}.", nameof(pixelValues));
        if (random.NextDouble() < _options.FlipProbability)
        {
            for (int row = 0; row < pixelValues.Length; row += Width)
                pixelValues.Slice(row, Width).Reverse();
        }

        ShiftAndBrighten(pixelValues, random);
        _erasing?.Apply(pixelValues, pixelValues.Length / frame, Height, Width, random);
    }
}
