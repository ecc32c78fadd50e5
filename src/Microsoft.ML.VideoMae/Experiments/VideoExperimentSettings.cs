// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>How a <see cref="VideoExperiment"/> looks for the best model.</summary>
public sealed class VideoExperimentSettings
{
    private const uint Longest = 365 * 24 * 60 * 60;

    /// <summary>
    /// How long to look, in seconds. The default is 900. What is begun before is stopped then, but for the training of the model that was
    /// chosen.
    /// </summary>
    public uint MaxExperimentTimeInSeconds { get; set; } = 900;

    /// <summary>Stops the experiment: the best model so far is the result. The default never stops it.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What is tried, in this order: put the cheapest first. The default is <see cref="VideoExperimentCandidate.Defaults"/>.</summary>
    public IList<VideoExperimentCandidate> Candidates { get; set; } = [.. VideoExperimentCandidate.Defaults()];

    /// <summary>
    /// A folder for what has been computed, so that an experiment that was stopped goes on where it was. The default, null, keeps nothing.
    /// </summary>
    public string? WorkspacePath { get; set; }

    /// <summary>What happens to a video that cannot be read. The default is to leave it out, with a warning that names it.</summary>
    public VideoErrorPolicy OnVideoError { get; set; } = VideoErrorPolicy.Skip;

    /// <summary>The largest share of unreadable videos that may be left out, 0 to 1. The default is 0.1.</summary>
    public float MaxSkippedFraction { get; set; } = TrainingDefaults.MaxSkippedFraction;

    /// <summary>The seed of everything random. The default, null, takes that of the MLContext, or 1.</summary>
    public int? Seed { get; set; }

    /// <summary>Is told how far a candidate is. The default is nobody.</summary>
    public Action<VideoExperimentProgress>? ProgressCallback { get; set; }

    /// <summary>A copy that is checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lists every problem.</exception>
    internal VideoExperimentSettings Checked(IExceptionContext context, ExperimentTask task)
    {
        var copy = (VideoExperimentSettings)MemberwiseClone();
        copy.Candidates = [.. Candidates ?? []];
        string[] twice = [.. copy.Candidates.GroupBy(c => c.Name).Where(g => g.Count() > 1).Select(g => g.Key)];
        string[] others = [.. copy.Candidates.Where(c => c.Features is null && task.OptionsOf(c) is null).Select(c => c.Name)];
        new OptionProblems()
            .Require(copy.MaxExperimentTimeInSeconds is > 0 and <= Longest, nameof(MaxExperimentTimeInSeconds),
                copy.MaxExperimentTimeInSeconds, $"has to be from 1 to {Longest}")
            .Require(copy.Candidates.Count > 0, nameof(Candidates), "empty", "has to have something to try")
            .Require(twice.Length == 0, nameof(Candidates), string.Join(", ", twice), "names have to differ")
            .Require(others.Length == 0, nameof(Candidates), string.Join(", ", others),
                $"have trainers for something else, and this experiment is of {task.Name}: give FromTrainer the options of its trainer")
            .Require(copy.WorkspacePath is null || copy.WorkspacePath.Trim().Length > 0, nameof(WorkspacePath), copy.WorkspacePath,
                "has to be a folder, or null")
            .Require(copy.MaxSkippedFraction is >= 0 and <= 1, nameof(MaxSkippedFraction), copy.MaxSkippedFraction, "has to be from 0 to 1")
            .Defined(nameof(OnVideoError), copy.OnVideoError)
            .ThrowIfAny(context, "settings");
        return copy;
    }
}

/// <summary>How far an experiment is.</summary>
/// <param name="Candidate">What is tried.</param>
/// <param name="Stage">What is done for it.</param>
/// <param name="Done">How much of that is done: clips of features and optimizer steps of training are counted.</param>
/// <param name="Count">How much it is in all.</param>
public readonly record struct VideoExperimentProgress(VideoExperimentCandidate Candidate, VideoExperimentStage Stage, int Done, int Count);

/// <summary>The parts of trying a candidate.</summary>
public enum VideoExperimentStage
{
    /// <summary>Small videos are decoded, once for all candidates.</summary>
    Decoding,

    /// <summary>Features of videos are computed.</summary>
    Features,

    /// <summary>Linear classifiers of different strength are compared by cross-validation.</summary>
    Linear,

    /// <summary>A transformer is trained on a part of the videos, to be scored on the rest.</summary>
    CrossValidation,

    /// <summary>The model that was chosen is trained on all videos.</summary>
    FinalTraining,
}
