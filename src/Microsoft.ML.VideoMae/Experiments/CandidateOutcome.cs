// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>How a candidate did, and how to make its model.</summary>
/// <param name="Names">The names of the candidates; several for an average.</param>
/// <param name="Description">What it is.</param>
/// <param name="Settings">What was chosen for it.</param>
/// <param name="Scores">Its scores out of fold.</param>
/// <param name="Build">Trains its parts on all rows.</param>
internal sealed record CandidateOutcome(
    IReadOnlyList<string> Names, string Description, string Settings, OutOfFold Scores, Func<CancellationToken, ModelPart[]> Build)
{
    public double Seconds { get; init; }

    /// <summary>Videos a second, decoding of small ones not included; not a number where it was not measured.</summary>
    public double ClipsPerSecond { get; init; } = double.NaN;

    /// <summary>Whether its model is made in seconds.</summary>
    public bool IsQuick { get; init; }

    public bool SeesFramesAlone { get; init; }

    /// <summary>The frozen encoder that its features are of; null for other models.</summary>
    public string? Encoder { get; init; }

    public string Name => string.Join(" + ", Names);

    /// <summary>Trains its model on all rows.</summary>
    public ITransformer Train(ExperimentContext context, CancellationToken stop) =>
        ModelPart.Join(context.Host, context.Rows.Task, Build(stop), Names.Count > 1 ? Scores.Sharpness : 1);
}

/// <summary>What one candidate adds to a model: from the Video column to a column of probabilities, or of numbers.</summary>
/// <param name="Steps">The transformers, which are disposed of with the model.</param>
/// <param name="Score">The column of probabilities or numbers.</param>
/// <param name="Temporary">Columns that are dropped at the end, with the scores.</param>
/// <param name="Sharpness">The power that the probabilities are raised to.</param>
internal sealed record ModelPart(ITransformer[] Steps, string Score, string[] Temporary, float Sharpness)
{
    private const string Prefix = "VideoExperiment.";
    private const string Suffix = ".Score";

    /// <summary>The column of scores of a candidate.</summary>
    public static string ScoreOf(string name) => $"{Prefix}{name}{Suffix}";

    /// <summary>The candidate that a column of scores belongs to; null for another column.</summary>
    public static string? TryNameOf(string column) =>
        column.StartsWith(Prefix, StringComparison.Ordinal) && column.EndsWith(Suffix, StringComparison.Ordinal)
            ? column[Prefix.Length..^Suffix.Length] : null;

    /// <summary>The column of features of a candidate.</summary>
    public static string FeaturesOf(string name) => $"{Prefix}{name}.Features";

    /// <summary>A model's steps, with its Score column under a name of its own.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="name">The candidate.</param>
    /// <param name="sharpness">The power that the probabilities are raised to.</param>
    /// <param name="steps">The last one gives Score.</param>
    /// <param name="temporary">Columns that are dropped at the end.</param>
    public static ModelPart Of(IHostEnvironment env, string name, float sharpness, ITransformer[] steps, params string[] temporary) =>
        new([.. steps, new ColumnCopyingTransformer(env, (ScoreOf(name), DefaultColumnNames.Score))], ScoreOf(name),
            [.. temporary, ScoreOf(name)], sharpness);

    /// <summary>One model of some parts: its outputs are those of their mean.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="sharpness">The power that mean probabilities are raised to.</param>
    public static TransformerChain<ITransformer> Join(
        IHostEnvironment env, ExperimentTask task, IReadOnlyList<ModelPart> parts, float sharpness)
    {
        List<string> temporary = [.. parts.SelectMany(p => p.Temporary)];
        ITransformer[] outputs = [.. task.Deliver(env, parts, sharpness, temporary)];
        return new TransformerChain<ITransformer>(
            [.. Shared(env, [.. parts.SelectMany(p => p.Steps)]), .. outputs, new ColumnSelectingTransformer(env, null, [.. temporary])]);
    }

    /// <summary>A chain in which two steps that pool the tokens of one frozen encoder are one: a video goes through it once.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="given">The steps. Those that are joined are disposed of.</param>
    public static TransformerChain<ITransformer> Shared(IHostEnvironment env, IReadOnlyList<ITransformer> given)
    {
        List<ITransformer> steps = [.. given];
        VideoMaeFeaturizingTransformer[] frozen = [.. steps.OfType<VideoMaeFeaturizingTransformer>()];
        for (int i = 0; i < frozen.Length; i++)
        {
            for (int j = i + 1; j < frozen.Length; j++)
            {
                if (VideoMaeFeaturizingTransformer.TryJoin(env, frozen[i], frozen[j]) is not VideoMaeFeaturizingTransformer both)
                    continue;
                steps[steps.IndexOf(frozen[i])] = both;
                steps.Remove(frozen[j]);
                frozen[i].Dispose();
                frozen[j].Dispose();
                return new TransformerChain<ITransformer>([.. steps]);
            }
        }

        return new TransformerChain<ITransformer>([.. steps]);
    }
}
