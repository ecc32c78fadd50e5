// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>What holds for options. What holds for one alone stands on its field.</content>
public abstract partial class VideoMaeTrainingOptions
{
    /// <summary>Whether there is something to start from.</summary>
    internal bool StartsFromWeights => Checkpoint is not null || PretrainedTransformer is not null;

    /// <summary>The checkpoint that <see cref="PretrainedModel"/> names; null where it is unset or 'none'.</summary>
    internal string? Checkpoint => ShippedWeights.IsNone(PretrainedModel) ? null : PretrainedModel;

    /// <summary>
    /// The shipped weights that a trainer starts from: those that the user names, or those for the model where the user names nothing.
    /// </summary>
    internal ShippedWeights? Shipped => PretrainedTransformer is not null ? null
        : PretrainedModel is null ? ShippedWeights.For(Config)
        : ShippedWeights.Named(PretrainedModel);

    /// <summary>A copy.</summary>
    internal VideoMaeTrainingOptions Copy() => (VideoMaeTrainingOptions)MemberwiseClone();

    /// <summary>Throws where anything is wrong, with all of it.</summary>
    /// <exception cref="System.ArgumentOutOfRangeException">It lists every problem.</exception>
    internal void Check(IExceptionContext context)
    {
        var problems = new OptionProblems();
        foreach (VideoMaeOption option in VideoMaeOption.Of(GetType()))
        {
            if (option.BrokenRule(option.GetValue(this)) is string rule)
                problems.Require(false, option.Name, option.GetValue(this), rule);
        }

        CheckTogether(problems);
        problems.ThrowIfAny(context, "options");
    }

    /// <summary>Notes what is wrong between options.</summary>
    private protected virtual void CheckTogether(OptionProblems problems) =>
        problems
            .Require(
                PretrainedModel is null || PretrainedTransformer is null, nameof(PretrainedTransformer), "set",
                $"{nameof(PretrainedModel)} is set too: set one of the two")
            .Require(
                PretrainedTransformer is null || IVideoModelOwner.Find(PretrainedTransformer) is not null, nameof(PretrainedTransformer),
                PretrainedTransformer?.GetType().Name,
                "has no VideoMAE model in it: give what a VideoMAE trainer or pre-training made, or a " + "pipeline with it")
            .Require(
                !StartsFromWeights || Config is null, nameof(Config), "set",
                $"{nameof(PretrainedModel)} brings a configuration of its own: set one of the two")
            .Require(
                WorkspacePath is null || !string.IsNullOrWhiteSpace(WorkspacePath), nameof(WorkspacePath), WorkspacePath,
                "has to be a folder, or null");
}
