// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Which frames Hugging Face's video processors take of a video: the first of equal segments.</summary>
internal static class EvenFrameSampling
{
    /// <summary>The frames of a video under a processor's settings.</summary>
    /// <param name="options">The settings; all frames where they don't ask for sampling.</param>
    /// <param name="total">The number of frames there are.</param>
    /// <param name="framesPerSecond">The frame rate, or 0 where it is unknown.</param>
    /// <exception cref="ArgumentException">There are too few frames, or the frame rate is needed and not known.</exception>
    public static int[] Indices(VideoMaeImageProcessorOptions options, int total, double framesPerSecond)
    {
        int count = total;
        if (options.DoSampleFrames && options.NumFrames is { } frames)
            count = frames;
        else if (options.DoSampleFrames && options.Fps is { } fps)
            count = CountAt(fps, total, framesPerSecond);

        if (count < 1 || count > total)
        {
            string wanted = options.NumFrames is null ? $"{options.Fps} frames a second, which is {count} frames" : $"{count} frames";
            throw new ArgumentException(
                $"The processor is set to take {wanted}, and the video has {total}; it needs at least as many and at least one. "
                + "Change num_frames or fps, or set do_sample_frames to false.");
        }

        var indices = new int[count];
        for (int i = 0; i < count; i++)
            indices[i] = UniformFrameSampler.FirstOf(i, total, count);
        return indices;
    }

    private static int CountAt(double fps, int total, double framesPerSecond)
    {
        if (!(framesPerSecond > 0 && double.IsFinite(framesPerSecond)))
        {
            throw new ArgumentException(
                $"The processor is set to take {fps} frames a second, but the video's own frame rate is " +
                "not known; give it, or use num_frames.");
        }

        return (int)Math.Min(total / framesPerSecond * fps, int.MaxValue);
    }
}
