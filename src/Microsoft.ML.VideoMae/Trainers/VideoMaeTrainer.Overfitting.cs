// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

public sealed partial class VideoMaeTrainer
{
    /// <summary>
    /// Checks in a minute that videos, labels and settings work together: a few clips, taken class by class, have to be learned by heart,
    /// without augmentation and regularisation.
    /// </summary>
    /// <param name="input">Labelled videos.</param>
    /// <param name="numberOfClips">The number of clips.</param>
    /// <param name="numberOfEpochs">The number of epochs to try at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or a number is not above 1.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn: no rows, or one class only.</exception>
    /// <exception cref="VideoReadException">One of the clips cannot be read; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaeOverfitReport CheckOverfitting(IDataView input, int numberOfClips = 8, int numberOfEpochs = 200)
    {
        _host.CheckValue(input, nameof(input));
        _host.CheckParam(numberOfClips > 1, nameof(numberOfClips), "At least two clips are needed.");
        _host.CheckParam(numberOfEpochs > 0, nameof(numberOfEpochs), "At least one epoch is needed.");
        TrainingRows.Check(_host, SchemaShape.Create(input.Schema), _options);
        using IChannel channel = _host.Start("Checking");
        ClassLabels labels = ClassLabels.FromColumn(_host, input.Schema[_options.LabelColumnName]);
        List<ClipExample> rows = FewOfEach(
            TrainingRows.Read(_host, channel, input, _options.LabelColumnName, _options.FeatureColumnName), numberOfClips);
        TrainingRows.CheckClasses(_host, rows, labels, _options.LabelColumnName);

        VideoMaeMetrics? last = null;
        using var learned = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken);
        Options plain = Plain(_options, rows.Count, numberOfEpochs);
        plain.CancellationToken = learned.Token;
        plain.MetricsCallback = metrics =>
        {
            last = metrics;
            if (metrics.Accuracy == 1)
                learned.Cancel();
        };
        new FineTuningRun(_host, channel, plain, mirrors: false)
            .Fit(new LabelledClips(rows, [], labels.Names, labels.Names, input.Schema),
                (model, _) => new ClassificationTask(model.Config.NumLabels, 0, null, null, model.Device))
            .Dispose();
        _options.CancellationToken.ThrowIfCancellationRequested();
        return new VideoMaeOverfitReport(last!.Accuracy == 1, rows.Count, last.Epoch, last.Loss, last.Accuracy!.Value);
    }

    /// <summary>The first clip of every class, the second of every class, and so on.</summary>
    private static List<ClipExample> FewOfEach(IEnumerable<ClipExample> rows, int count) =>
        [.. rows.GroupBy(r => r.ClassIndex)
                .SelectMany(g => g.Select((row, place) => (row, place)))
                .OrderBy(r => r.place)
                .Take(count)
                .Select(r => r.row)];

    /// <summary>
    /// What is checked of the settings (columns, model, optimizer, machine), without what keeps a model from learning by heart. It starts
    /// from new options: one that is added later stays out unless it is named here.
    /// </summary>
    internal static Options Plain(Options options, int clips, int epochs) => new()
    {
        NumberOfEpochs = epochs,
        BatchSize = clips,
        LabelColumnName = options.LabelColumnName,
        FeatureColumnName = options.FeatureColumnName,
        PretrainedModel = options.PretrainedModel,
        PretrainedTransformer = options.PretrainedTransformer,
        Config = options.Config,
        Sampler = options.Sampler,
        Resizing = options.Resizing,
        FineTuning = options.FineTuning,
        TrainedBlocks = options.TrainedBlocks,
        LearningRate = options.LearningRate,
        FinalLearningRateRatio = options.FinalLearningRateRatio,
        WarmupRatio = options.WarmupRatio,
        LayerDecay = options.LayerDecay,
        GradientClipNorm = options.GradientClipNorm,
        Precision = options.Precision,
        ActivationCheckpointing = options.ActivationCheckpointing,
        FrameCacheMegabytes = options.FrameCacheMegabytes,
        FrameCacheFolder = options.FrameCacheFolder,
        DecodingThreads = options.DecodingThreads,
        Seed = options.Seed,
        GpuDeviceId = options.GpuDeviceId,
        FallbackToCpu = options.FallbackToCpu,
        WeightDecay = 0,
        LinearProbeFirst = false,
        DropPathRate = 0,
        LabelSmoothing = 0,
        MinCropArea = 1,
        MaxCropRatio = 1,
        MaxShift = 0,
        BrightnessJitter = 0,
        HorizontalFlip = false,
        // A clip that is skipped is not learned, and the report counts every clip.
        OnVideoError = VideoErrorPolicy.Throw,
        OnCancellation = CancellationBehavior.ReturnBest,
    };
}
