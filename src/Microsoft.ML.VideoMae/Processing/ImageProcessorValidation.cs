// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Finds everything wrong with the settings of an image processor.</summary>
internal static class ImageProcessorValidation
{
    /// <summary>The longest edge that is accepted; beyond it a frame alone would fill gigabytes.</summary>
    public const int MaxEdge = 16384;

    /// <exception cref="ArgumentException">Something is wrong, and the settings come from no file.</exception>
    /// <exception cref="InvalidDataException">Something is wrong in a file.</exception>
    public static void ThrowIfInvalid(VideoMaeImageProcessorOptions options, string? source = null)
    {
        var problems = new ProblemList();
        if (options.Size is null)
            problems.Add("size is null; give a shortest edge or height and width.");
        else if (options.DoResize)
            CheckSize("size", options.Size, problems);

        if (options.CropSize is null)
            problems.Add("crop_size is null; give height and width.");
        else if (options.DoCenterCrop && options.CropSize.ShortestEdge is not null)
            problems.Add($"crop_size is {options.CropSize}; give height and width.");
        else if (options.DoCenterCrop)
            CheckSize("crop_size", options.CropSize, problems);

        CheckBackend(options, problems);
        problems.Require(
            !options.DoRescale || (double.IsFinite(options.RescaleFactor) && options.RescaleFactor > 0),
            $"rescale_factor is {options.RescaleFactor}; it must be a positive number, such as 1/255.");
        CheckChannels("image_mean", options.ImageMean, "a finite number", double.IsFinite, options.DoNormalize, problems);
        CheckChannels("image_std", options.ImageStd, "a positive number", x => double.IsFinite(x) && x > 0, options.DoNormalize, problems);
        CheckSampling(options, problems);
        ThrowIfAny(problems, source);
    }

    public static void ThrowIfAny(ProblemList problems, string? source) => problems.ThrowIfAny(
        $"The image processor's settings{(source is null ? "" : $" in '{source}'")} are invalid",
        message => source is null ? new ArgumentException(message, "options") : new InvalidDataException(message));

    private static void CheckSize(string name, FrameSize size, ProblemList problems)
    {
        int?[] edges = size.ShortestEdge is { } edge ? [edge, size.LongestEdge ?? edge] : [size.Height, size.Width];
        if (edges.Any(e => e is < 1 or > MaxEdge))
            problems.Add($"{name} is {size}; edges must be from 1 to {MaxEdge} pixels.");
    }

    private static void CheckBackend(VideoMaeImageProcessorOptions options, ProblemList problems)
    {
        problems.Defined("Backend", options.Backend);
        if (!Enum.IsDefined(options.Resample))
            problems.Add($"resample is {(int)options.Resample}; it must be 0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic).");
    }

    private static void CheckChannels(
        string name, IReadOnlyList<double>? values, string allowed, Func<double, bool> valid, bool used, ProblemList problems)
    {
        if (values is null || values.Count != VideoFrames.Channels)
            problems.Add($"{name} has {values?.Count ?? 0} values; it must have {VideoFrames.Channels}, for red, green and blue.");
        else if (used && !values.All(valid))
            problems.Add($"{name} is [{string.Join(", ", values)}]; each must be {allowed}.");
    }

    private static void CheckSampling(VideoMaeImageProcessorOptions options, ProblemList problems)
    {
        problems.AtLeastOne("num_frames", options.NumFrames ?? 1);
        if (options.Fps is { } fps && !(double.IsFinite(fps) && fps > 0))
            problems.Add($"fps is {fps}; it must be a positive number.");
        if (options.DoSampleFrames && options.NumFrames is not null && options.Fps is not null)
            problems.Add($"num_frames is {options.NumFrames} and fps is {options.Fps}; with do_sample_frames give only " +
                "one of the two, or neither for all frames.");
    }
}
