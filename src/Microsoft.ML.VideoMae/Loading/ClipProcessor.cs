// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Makes the image processor of a model, which brings frames of any size to the model's.</summary>
internal static class ClipProcessor
{
    /// <summary>ImageNet's mean and deviation, which every published VideoMAE checkpoint was trained with.</summary>
    private static readonly double[] s_mean = [0.485, 0.456, 0.406];
    private static readonly double[] s_std = [0.229, 0.224, 0.225];

    /// <summary>The settings beside a checkpoint, or those all published checkpoints have, for a size.</summary>
    /// <param name="checkpoint">A folder, or a file in it; null for none.</param>
    /// <param name="height">The height of the frames a model takes.</param>
    /// <param name="width">The width of the frames a model takes.</param>
    /// <param name="resizing">
    /// How they get that size; null for as the settings beside the checkpoint say, or else cut around the centre.
    /// </param>
    public static VideoMaeImageProcessor Create(string? checkpoint, int height, int width, FrameResizing? resizing = null)
    {
        string? folder = checkpoint is null
            ? null
            : Directory.Exists(checkpoint) ? checkpoint : Path.GetDirectoryName(Path.GetFullPath(checkpoint));
        bool hasSettings = folder is not null && VideoMaeImageProcessor.HasSettings(folder);
        VideoMaeImageProcessorOptions settings = hasSettings
            ? VideoMaeImageProcessor.FromPretrained(folder!).Options
            : new VideoMaeImageProcessorOptions { ImageMean = s_mean, ImageStd = s_std };
        bool fills = resizing is null ? Fills(settings) : resizing == FrameResizing.Fill;
        return new VideoMaeImageProcessor(settings with
        {
            Size = fills ? FrameSize.Exact(height, width) : FrameSize.Shortest(Math.Max(height, width)),
            CropSize = FrameSize.Exact(height, width),
            DoCenterCrop = !fills,
        });
    }

    /// <summary>Whether frames are stretched to a size, with nothing cut off.</summary>
    private static bool Fills(VideoMaeImageProcessorOptions settings) =>
        settings is { DoCenterCrop: false, DoResize: true, Size.ShortestEdge: null };
}
