// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Shipped;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What suits the weights of the package Microsoft.ML.VideoMae.Weights: it is what they were tried with.</summary>
internal static class ShippedSettings
{
    /// <summary>The steps that these weights were tried with, of 16 clips.</summary>
    private const int TriedSteps = 900;

    /// <summary>
    /// The peak learning rate of a clip in a step without a probe: 5e-4 for 24 clips, with which these weights were tried. It is far above
    /// the rate for published weights, whose models are many times wider.
    /// </summary>
    private const double RatePerClip = 5e-4 / 24;

    /// <summary>The clips of a step that rates after a probe are given for.</summary>
    private const int RatedClips = 16;

    /// <summary>About 6 of 64 pixels.</summary>
    private const float LargestShift = 0.1f;

    private const float LargestBrightness = 0.3f;

    /// <summary>With fewer validation clips, the best of many epochs is a lucky one.</summary>
    private const int EnoughToChoose = 100;

    /// <summary>A copy of options, with what suits these weights where the user left it open.</summary>
    /// <param name="options">The options.</param>
    /// <param name="preset">The model.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="validationClips">The number of clips in a validation set.</param>
    /// <param name="channel">Hears where too few clips are validated on.</param>
    public static VideoMaeTrainerOptions Complete(
        VideoMaeTrainerOptions options, ShippedPreset preset, int clips, int validationClips, IChannel channel)
    {
        var copy = (VideoMaeTrainerOptions)options.Copy();
        copy.Sampler ??= new UniformFrameSampler(preset.Config.NumFrames, isRegular: true);
        if (copy.FineTuning is FineTuningMode.LinearProbe or FineTuningMode.AttentiveProbe)
            return copy;
        int clipsPerStep = Math.Min(copy.BatchSize * copy.GradientAccumulation, clips);
        copy.LinearProbeFirst ??= true;
        double rate = copy.LinearProbeFirst == true ? preset.RateAfterProbe / RatedClips : RatePerClip;
        copy.LearningRate ??= (float)(rate * clipsPerStep);
        copy.LayerDecay ??= 1;
        copy.NumberOfEpochs ??= Math.Max(1, (int)Math.Round(TriedSteps / Math.Ceiling((double)clips / clipsPerStep)));
        copy.MinCropArea ??= 1;
        copy.MaxCropRatio ??= 1;
        copy.MaxShift ??= LargestShift;
        copy.BrightnessJitter ??= LargestBrightness;
        KeepLastWeights(copy, options.ValidationFraction > 0 ? (int)(options.ValidationFraction * clips) : validationClips, channel);
        return copy;
    }

    private static void KeepLastWeights(VideoMaeTrainerOptions options, int heldOut, IChannel channel)
    {
        if (options.KeepBestWeights is not null)
            return;
        options.KeepBestWeights = heldOut >= EnoughToChoose || options.EarlyStoppingPatience is not null;
        if (heldOut > 0 && options.KeepBestWeights == false)
        {
            channel.Info($"About {heldOut} clips are validated on, too few to tell which epoch is best: the model gets the last weights. " +
                "KeepBestWeights = true takes those of the best epoch.");
        }
    }
}
