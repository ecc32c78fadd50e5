// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>What holds for the options of all trainers.</content>
public abstract partial class VideoMaeTrainerOptions
{
    internal OptionProblems Check(OptionProblems problems) => CheckRunning(CheckAugmentation(CheckRecipe(problems
        .Named(nameof(LabelColumnName), LabelColumnName)
        .Named(nameof(FeatureColumnName), FeatureColumnName)
        .Named(nameof(ScoreColumnName), ScoreColumnName)
        .Require(PretrainedModel is null || PretrainedTransformer is null, nameof(PretrainedTransformer), "set",
            $"{nameof(PretrainedModel)} is set too: set one of the two")
        .Require(!StartsFromWeights || Config is null, nameof(Config), "set",
            $"{nameof(PretrainedModel)} brings a configuration of its own: set one of the two"))));

    /// <summary>Whether there is something to start from.</summary>
    internal bool StartsFromWeights => PretrainedModel is not null || PretrainedTransformer is not null;

    /// <summary>The same options with a checkpoint in place of a model in memory.</summary>
    internal VideoMaeTrainerOptions StartingFrom(string checkpoint)
    {
        var copy = (VideoMaeTrainerOptions)MemberwiseClone();
        (copy.PretrainedModel, copy.PretrainedTransformer) = (checkpoint, null);
        return copy;
    }

    private OptionProblems CheckRecipe(OptionProblems problems) => problems
        .Defined(nameof(FineTuning), FineTuning)
        .Require(StartsFromWeights || FineTuning is FineTuningMode.Auto or FineTuningMode.Full, nameof(FineTuning), FineTuning,
            $"without {nameof(PretrainedModel)} all weights are random and have to be trained: set {nameof(PretrainedModel)}, or {nameof(FineTuningMode.Full)}")
        .Positive(nameof(TrainedBlocks), TrainedBlocks)
        .Positive(nameof(FeatureViews), FeatureViews)
        .Positive(nameof(NumberOfEpochs), NumberOfEpochs)
        .Positive(nameof(BatchSize), BatchSize)
        .Positive(nameof(GradientAccumulation), GradientAccumulation)
        .Positive(nameof(RepeatedAugmentation), RepeatedAugmentation)
        .Positive(nameof(LearningRate), LearningRate ?? 1)
        .InRange(nameof(FinalLearningRateRatio), FinalLearningRateRatio, 0, 1)
        .InRange(nameof(WarmupRatio), WarmupRatio, 0, 1)
        .Require(LayerDecay is null or (> 0 and <= 1), nameof(LayerDecay), LayerDecay, "has to be above 0 and at most 1")
        .InRange(nameof(WeightDecay), WeightDecay, 0, float.MaxValue)
        .InRange(nameof(FinalWeightDecay), FinalWeightDecay ?? 0, 0, float.MaxValue)
        .InRange(nameof(GradientClipNorm), GradientClipNorm, 0, float.MaxValue)
        .BelowOne(nameof(EmaDecay), EmaDecay)
        .BelowOne(nameof(DropPathRate), DropPathRate)
        .BelowOne(nameof(HeadDropout), HeadDropout);

    private OptionProblems CheckAugmentation(OptionProblems problems) => problems
        .Require(MinCropArea is > 0 and <= 1, nameof(MinCropArea), MinCropArea, "has to be above 0 and at most 1")
        .InRange(nameof(MaxCropRatio), MaxCropRatio, 1, 10)
        .InRange(nameof(RandomErasing), RandomErasing, 0, 1)
        .Require(IsPolicy(RandAugment, out string problem), nameof(RandAugment), RandAugment, problem);

    private OptionProblems CheckRunning(OptionProblems problems) => problems
        .InRange(nameof(FrameCacheMegabytes), FrameCacheMegabytes ?? 0, 0, int.MaxValue)
        .InRange(nameof(MaxSkippedShare), MaxSkippedShare, 0, 1)
        .Positive(nameof(DecodingThreads), DecodingThreads ?? 1)
        .BelowOne(nameof(ValidationFraction), ValidationFraction)
        .Require(ValidationFraction == 0 || ValidationSet is null, nameof(ValidationFraction), ValidationFraction,
            $"{nameof(ValidationSet)} is set too: set one of the two")
        .Defined(nameof(ValidationMetric), ValidationMetric ?? VideoMae.ValidationMetric.Accuracy)
        .Positive(nameof(EarlyStoppingPatience), EarlyStoppingPatience ?? 1)
        .Require(EarlyStoppingPatience is null || ValidationSet is not null || ValidationFraction > 0, nameof(EarlyStoppingPatience), EarlyStoppingPatience,
            $"there is nothing to validate on: set {nameof(ValidationSet)} or {nameof(ValidationFraction)}")
        .Require(WorkspacePath is null || !string.IsNullOrWhiteSpace(WorkspacePath), nameof(WorkspacePath), WorkspacePath, "has to be a folder, or null")
        .InRange(nameof(StateInterval), StateInterval, 0, float.MaxValue)
        .Positive(nameof(NumberOfTestClips), NumberOfTestClips)
        .Positive(nameof(NumberOfTestCrops), NumberOfTestCrops)
        .Defined(nameof(Resizing), Resizing ?? FrameResizing.IsoCrop)
        .Require(NumberOfTestCrops == 1 || Resizing != FrameResizing.Fill, nameof(NumberOfTestCrops), NumberOfTestCrops,
            $"{nameof(Resizing)} is {nameof(FrameResizing.Fill)}, which sees the whole frame at once: leave it at 1")
        .Require(NumberOfTestClips == 1 || Sampler is null || MultiViewFrameSampler.Supports(Sampler), nameof(NumberOfTestClips), NumberOfTestClips,
            $"sampling is {Sampler}, and only uniform and dense sampling have more than one stretch of time to offer")
        .Defined(nameof(WeightStorage), WeightStorage)
        .Defined(nameof(Precision), Precision)
        .Defined(nameof(OnCancellation), OnCancellation);

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
