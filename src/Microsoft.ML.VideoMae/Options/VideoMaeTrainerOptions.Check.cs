// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>What holds for the options of all trainers.</content>
public abstract partial class VideoMaeTrainerOptions
{
    private protected override void CheckTogether(OptionProblems problems)
    {
        base.CheckTogether(problems);
        problems
            .Require(
                StartsFromWeights || Shipped is not null || FineTuning is FineTuningMode.Auto or FineTuningMode.Full, nameof(FineTuning),
                FineTuning,
                $"without {nameof(PretrainedModel)} all weights are random and have to be trained: set {nameof(PretrainedModel)}, or " +
                    $"{nameof(FineTuningMode.Full)}")
            .Require(Pooling == VideoMaePooling.Mean || FineTuning == FineTuningMode.LinearProbe, nameof(Pooling), Pooling,
                $"only a frozen encoder's features are pooled so: set {nameof(FineTuning)} to {nameof(FineTuningMode.LinearProbe)}, or leave " +
                    $"it at {nameof(VideoMaePooling.Mean)}")
            .Require(LinearProbeFirst != true || StartsFromWeights || Shipped is not null, nameof(LinearProbeFirst), LinearProbeFirst,
                $"without {nameof(PretrainedModel)} the encoder's features are random: set {nameof(PretrainedModel)}, or leave it unset")
            .Require(IsPolicy(RandAugment, out string problem), nameof(RandAugment), RandAugment, problem)
            .Require(
                ValidationFraction == 0 || ValidationSet is null, nameof(ValidationFraction), ValidationFraction,
                $"{nameof(ValidationSet)} is set too: set one of the two")
            .Require(EarlyStoppingPatience is null || ValidationSet is not null || ValidationFraction > 0, nameof(EarlyStoppingPatience),
                EarlyStoppingPatience, $"there is nothing to validate on: set {nameof(ValidationSet)} or {nameof(ValidationFraction)}")
            .Require(
                NumberOfTestCrops == 1 || Resizing != FrameResizing.Fill, nameof(NumberOfTestCrops), NumberOfTestCrops,
                $"{nameof(Resizing)} is {nameof(FrameResizing.Fill)}, which sees the whole frame at once: leave it at 1")
            .Require(NumberOfTestClips == 1 || Sampler is null || MultiViewFrameSampler.Supports(Sampler), nameof(NumberOfTestClips),
                NumberOfTestClips,
                $"sampling is {Sampler}, and only uniform and dense sampling have more than one stretch of time to offer");
    }

    private static bool IsPolicy(string? text, out string problem)
    {
        problem = "";
        try
        {
            if (text is not null)
                RandAugmentPolicy.Parse(text);
            return true;
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return false;
        }
    }
}
