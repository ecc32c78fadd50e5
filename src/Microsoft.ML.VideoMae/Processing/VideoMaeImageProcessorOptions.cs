// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// The settings of a <see cref="VideoMaeImageProcessor"/>: the fields of Hugging Face's <c>preprocessor_config.json</c> with
/// the defaults of its VideoMAEImageProcessor class. Checked, all together, where a processor is made from them.
/// </summary>
public sealed record VideoMaeImageProcessorOptions
{
    /// <summary>Whether frames are resized to <see cref="Size"/>.</summary>
    /// <value>The default is true.</value>
    public bool DoResize { get; init; } = true;

    /// <summary>The size frames are resized to.</summary>
    /// <value>The default is a shortest edge of 224 pixels.</value>
    public FrameSize Size { get; init; } = FrameSize.Shortest(224);

    /// <summary>The kernel frames are resized with.</summary>
    /// <value>The default is <see cref="Resampling.Bilinear"/>.</value>
    public Resampling Resample { get; init; } = Resampling.Bilinear;

    /// <summary>Whether the centre of the resized frame is cut out; frames that are too small are padded with zeros.</summary>
    /// <value>The default is true.</value>
    public bool DoCenterCrop { get; init; } = true;

    /// <summary>The height and width that are cut out.</summary>
    /// <value>The default is 224x224.</value>
    public FrameSize CropSize { get; init; } = FrameSize.Exact(224, 224);

    /// <summary>Whether pixels are multiplied by <see cref="RescaleFactor"/>.</summary>
    /// <value>The default is true.</value>
    public bool DoRescale { get; init; } = true;

    /// <summary>The factor pixels are multiplied by.</summary>
    /// <value>The default is 1/255.</value>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>Whether <see cref="ImageMean"/> is subtracted and the result divided by <see cref="ImageStd"/>.</summary>
    /// <value>The default is true.</value>
    public bool DoNormalize { get; init; } = true;

    /// <summary>The mean of red, green and blue.</summary>
    /// <value>The default is 0.5 each. Published VideoMAE checkpoints use 0.485, 0.456, 0.406 and say so in their file.</value>
    public IReadOnlyList<double> ImageMean { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>The standard deviation of red, green and blue.</summary>
    /// <value>The default is 0.5 each. Published VideoMAE checkpoints use 0.229, 0.224, 0.225 and say so in their file.</value>
    public IReadOnlyList<double> ImageStd { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>
    /// Whether a <see cref="VideoMaeVideoProcessor"/> takes <see cref="NumFrames"/> of a
    /// video's frames, or <see cref="Fps"/> a second, evenly spread.
    /// </summary>
    /// <value>The default is false.</value>
    public bool DoSampleFrames { get; init; }

    /// <summary>How many frames are taken when sampling, or null. Not together with <see cref="Fps"/>.</summary>
    /// <value>The default is null.</value>
    public int? NumFrames { get; init; }

    /// <summary>How many frames a second are taken when sampling, or null. Not together with <see cref="NumFrames"/>.</summary>
    /// <value>The default is null.</value>
    public double? Fps { get; init; }

    /// <summary>Whose arithmetic is followed.</summary>
    /// <value>The default is <see cref="ProcessorBackend.Pillow"/>.</value>
    public ProcessorBackend Backend { get; init; }

    /// <summary>Fields of the file this class does not know; written back as they were.</summary>
    internal JsonObject? UnknownFields { get; init; }
}

/// <summary>Whose arithmetic the image processor follows. The two differ by one 8-bit level in 10 to 19 % of the pixels.</summary>
public enum ProcessorBackend
{
    /// <summary>
    /// Pillow and numpy: fixed-point resize that rounds to 8 bits between its horizontal and its vertical pass. What published
    /// checkpoints were made with, and the default.
    /// </summary>
    Pillow,

    /// <summary>
    /// torchvision on tensors: resize in float32, rounded once; crop offsets are rounded down; one fused subtraction and division.
    /// </summary>
    Torchvision,

    /// <summary>As <see cref="Torchvision"/>, with the crop rule of its older releases: offsets are rounded half to even.</summary>
    TorchvisionRoundCrop,
}

/// <summary>
/// How pixels between source pixels are computed. The numbers are Pillow's, as stored in <c>preprocessor_config.json</c>.
/// </summary>
public enum Resampling
{
    /// <summary>The nearest source pixel; no antialiasing.</summary>
    Nearest = 0,

    /// <summary>A windowed sinc over three pixels to each side.</summary>
    Lanczos = 1,

    /// <summary>A triangle over one pixel to each side. The default of VideoMAE's processor.</summary>
    Bilinear = 2,

    /// <summary>A cubic (a = -0.5) over two pixels to each side.</summary>
    Bicubic = 3,
}
