// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Something that a <see cref="VideoExperiment"/> tries: features of videos with a linear model on them, or a
/// <see cref="VideoMaeTrainer"/>.
/// </summary>
public sealed class VideoExperimentCandidate
{
    private const int MostSteps = 1200;

    private VideoExperimentCandidate(string name, string description)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Description) = (name, description);
    }

    /// <summary>A short name, unlike all others of an experiment.</summary>
    public string Name { get; }

    /// <summary>What it sees and how it learns, in a line.</summary>
    public string Description { get; }

    /// <summary>Whether it sees single frames and how they differ, but not where things move.</summary>
    internal bool SeesFramesAlone { get; private init; }

    /// <summary>Makes the featurizer; null for a trainer.</summary>
    internal Func<TransformsCatalog, string, string, VideoErrorPolicy, IEstimator<ITransformer>>? Features { get; private init; }

    /// <summary>
    /// What tells its features from those of other settings; null for what is saved of the featurizer. A frozen transformer saves a fresh
    /// head beside the encoder, which is never the same.
    /// </summary>
    internal string? Identity { get; private init; }

    /// <summary>The frozen encoder that the features are of. Two candidates of one share it in a model of both.</summary>
    internal string? Encoder { get; private init; }

    /// <summary>The most optimizer steps of a trainer.</summary>
    internal int MaxSteps { get; private init; }

    /// <summary>Makes the options of a trainer of classes; null where it has none.</summary>
    internal Func<VideoMaeTrainer.Options>? ClassTraining { get; private init; }

    /// <summary>Makes the options of a trainer of numbers; null where it has none.</summary>
    internal Func<VideoMaeRegressionTrainer.Options>? NumberTraining { get; private init; }

    /// <summary>
    /// The mean of grey frames, 64x48, and how much each place changes: good where a camera stands still and classes differ in what
    /// stands where. See <c>FeaturizeVideoPixels</c>.
    /// </summary>
    public static VideoExperimentCandidate Pixels { get; } =
        new("pixels", "mean and change of small grey frames, and a linear model")
        {
            SeesFramesAlone = true,
            Features = (catalog, output, input, policy) => new VideoPixelFeaturizingEstimator(CatalogUtils.GetEnvironment(catalog),
                new VideoPixelFeaturizingEstimator.Options
                {
                    OutputColumnName = output,
                    InputColumnName = input,
                    OnVideoError = policy,
                }),
        };

    /// <summary>How blocks move from frame to frame: good where classes differ in motion. See <c>FeaturizeVideoMotion</c>.</summary>
    public static VideoExperimentCandidate Motion { get; } =
        new("motion", "histograms of block-matched motion, and a linear model")
        {
            Features = (catalog, output, input, policy) => new VideoMotionFeaturizingEstimator(CatalogUtils.GetEnvironment(catalog),
                new VideoMotionFeaturizingEstimator.Options
                {
                    OutputColumnName = output,
                    InputColumnName = input,
                    OnVideoError = policy,
                }),
        };

    /// <summary>
    /// All weights of a VideoMAE trained from those of the package Microsoft.ML.VideoMae.Weights, or from scratch without that package.
    /// </summary>
    public static VideoExperimentCandidate VideoMae { get; } =
        Trained("a small video transformer, all weights trained", pretrainedModel: null);

    /// <summary>Any features of a video, with a linear model on them.</summary>
    /// <param name="name">A short name.</param>
    /// <param name="description">What it sees, in a line.</param>
    /// <param name="featurizer">
    /// Makes the estimator: of the catalog, the output column (a vector of known size), the input column (of Video type), and what happens
    /// to a video that cannot be read; skipping has to give values that are not numbers. It is fitted once, on all rows, so it must not
    /// look at labels.
    /// </param>
    /// <param name="seesFramesAlone">Whether it tells nothing of how things move, for what is said about the data.</param>
    public static VideoExperimentCandidate FromFeatures(
        string name, string description,
        Func<TransformsCatalog, string, string, VideoErrorPolicy, IEstimator<ITransformer>> featurizer, bool seesFramesAlone = false)
    {
        ArgumentNullException.ThrowIfNull(featurizer);
        return new VideoExperimentCandidate(name, description) { Features = featurizer, SeesFramesAlone = seesFramesAlone };
    }

    /// <summary>
    /// A VideoMAE trainer, for classes and for yes or no (two classes). The experiment sets columns, epochs, seed and workspace itself.
    /// </summary>
    /// <param name="name">A short name.</param>
    /// <param name="description">How it learns, in a line.</param>
    /// <param name="options">Makes the options, anew for each training.</param>
    /// <param name="maxSteps">The most optimizer steps of a training, even where the time allows more; at least 100.</param>
    public static VideoExperimentCandidate FromTrainer(
        string name, string description, Func<VideoMaeTrainer.Options> options, int maxSteps = MostSteps)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSteps, TrainingPlan.FewestSteps);
        return new VideoExperimentCandidate(name, description) { ClassTraining = options, MaxSteps = maxSteps };
    }

    /// <summary>A VideoMAE trainer for numbers. The experiment sets columns, epochs, seed and workspace itself.</summary>
    /// <inheritdoc cref="FromTrainer(string, string, Func{VideoMaeTrainer.Options}, int)"/>
    public static VideoExperimentCandidate FromTrainer(
        string name, string description, Func<VideoMaeRegressionTrainer.Options> options, int maxSteps = MostSteps)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSteps, TrainingPlan.FewestSteps);
        return new VideoExperimentCandidate(name, description) { NumberTraining = options, MaxSteps = maxSteps };
    }

    /// <summary>What an experiment tries if nothing else is said, the cheapest first.</summary>
    /// <param name="pretrainedModel">
    /// Weights for the transformers among them, as <see cref="VideoMaeTrainingOptions.PretrainedModel"/> takes them; null takes those of
    /// the package Microsoft.ML.VideoMae.Weights where it is there.
    /// </param>
    public static IReadOnlyList<VideoExperimentCandidate> Defaults(string? pretrainedModel = null)
    {
        string? weights = pretrainedModel ?? ShippedWeights.For(null)?.Folder;
        VideoExperimentCandidate trained = pretrainedModel is null ? VideoMae
            : Trained($"a video transformer, trained on from {pretrainedModel}", pretrainedModel);
        return weights is null || ShippedWeights.IsNone(weights)
            ? [Pixels, Motion, trained]
            : [Pixels, Motion, .. Frozen(weights, pretrainedModel ?? ShippedWeights.Package), trained];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Description}";

    /// <summary>
    /// The mean token suits few videos, and cells more of them: with four and 120 videos a class of the demo's, the one was better, then
    /// the other.
    /// </summary>
    private static VideoExperimentCandidate[] Frozen(string weights, string name) =>
    [
        Frozen(weights, "VideoMAE mean", $"the mean token of {name}, as it is, and a linear model", VideoMaePooling.Mean),
        Frozen(weights, "VideoMAE cells", $"place and change of the tokens of {name}, and a linear model", VideoMaePooling.Cells),
    ];

    private static VideoExperimentCandidate Frozen(string weights, string name, string description, VideoMaePooling pooling)
    {
        string encoder = string.Join(' ', RunIdentity.OfWeights(weights));
        return new(name, description)
        {
            Features = (catalog, output, input, policy) => new VideoMaeFeaturizingEstimator(
                CatalogUtils.GetEnvironment(catalog), output, input, weights, layer: 0, sampler: null, policy, pooling),
            Identity = $"{pooling} {encoder}",
            Encoder = encoder,
        };
    }

    /// <summary>In 16 bits where the processor has them: more steps fit into the time.</summary>
    private static VideoExperimentCandidate Trained(string description, string? pretrainedModel) => new("VideoMAE", description)
    {
        ClassTraining = () => new VideoMaeTrainer.Options
        {
            PretrainedModel = pretrainedModel,
            ClassBalancing = ClassBalancing.Weights,
            Precision = ComputePrecision.Auto,
        },
        NumberTraining = () =>
            new VideoMaeRegressionTrainer.Options { PretrainedModel = pretrainedModel, Precision = ComputePrecision.Auto },
        MaxSteps = MostSteps,
    };
}
