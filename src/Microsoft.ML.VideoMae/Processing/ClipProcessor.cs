// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Makes the image processor of a model, which brings frames of any size to the model's.</summary>
internal static class ClipProcessor
{
    /// <summary>ImageNet's mean and deviation, which every published VideoMAE checkpoint was trained with.</summary>
    private static readonly double[] s_mean = [0.485, 0.456, 0.406];
    private static readonly double[] s_std = [0.229, 0.224, 0.225];

    /// <summary>The processor whose settings lie beside a checkpoint; null where none do.</summary>
    /// <param name="checkpoint">A folder, or a file in it; null for none.</param>
    public static VideoMaeImageProcessor? Beside(string? checkpoint)
    {
        string? folder =
            checkpoint is null || Directory.Exists(checkpoint) ? checkpoint : Path.GetDirectoryName(Path.GetFullPath(checkpoint));
        return folder is not null && VideoMaeImageProcessor.HasSettings(folder) ? VideoMaeImageProcessor.FromPretrained(folder) : null;
    }

    /// <summary>A processor for another size of frames.</summary>
    /// <param name="processor">The processor; null has the settings of all published checkpoints.</param>
    /// <param name="height">The height of the frames a model takes.</param>
    /// <param name="width">The width of the frames a model takes.</param>
    /// <param name="resizing">
    /// How they get that size; null for as the processor does it, or else cut around the centre. A processor that gives the size as it is
    /// stays as it is.
    /// </param>
    public static VideoMaeImageProcessor Fit(VideoMaeImageProcessor? processor, int height, int width, FrameResizing? resizing = null)
    {
        if (resizing is null && processor is not null && processor.FixedOutputSize == (height, width))
            return processor; // It may resize to more than it cuts out, as the recipes for pictures do: 256, and 224 of it.
        VideoMaeImageProcessorOptions settings =
            processor?.Options ?? new VideoMaeImageProcessorOptions { ImageMean = s_mean, ImageStd = s_std };
        bool fills = resizing is null ? Fills(settings) : resizing == FrameResizing.Fill;
        return new VideoMaeImageProcessor(settings with
        {
            Size = fills ? FrameSize.Exact(height, width) : FrameSize.Shortest(System.Math.Max(height, width)),
            CropSize = FrameSize.Exact(height, width),
            DoCenterCrop = !fills,
        });
    }

    /// <summary>Whether frames are stretched to a size, with nothing cut off.</summary>
    private static bool Fills(VideoMaeImageProcessorOptions settings) =>
        settings is { DoCenterCrop: false, DoResize: true, Size.ShortestEdge: null };
}
