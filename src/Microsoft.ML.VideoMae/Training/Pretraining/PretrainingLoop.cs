// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Pre-trains: with a loss of held-out clips, and a look at labelled clips now and then.</summary>
internal sealed class PretrainingLoop : TrainingLoop
{
    private static readonly string[] s_measured = ["loss", "validation loss", "probe accuracy", "clips per second"];

    /// <summary>What the loss of pixels counts beside that of motion.</summary>
    private const double PixelShare = 0.2;

    private const double QuadraticUpTo = 0.25;

    private readonly PreTrainingModel _model;
    private readonly TrainingData _data;
    private readonly ClipReader _reader;
    private readonly PretrainingRecipe _recipe;
    private readonly VideoMaePretrainingOptions _options;
    private readonly MotionTargets? _motion;

    /// <param name="host">The estimator's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">The clips.</param>
    /// <param name="motion">Makes the targets of motion; null where none is predicted.</param>
    /// <param name="stateFolder">Where the run keeps its state; null for nowhere.</param>
    public PretrainingLoop(
        IHost host, IChannel channel, PreTrainingModel model, PretrainingRecipe recipe, TrainingData data, MotionTargets? motion,
        string? stateFolder)
        : base(host, channel, model, recipe, data, s_measured, stateFolder)
    {
        _model = model;
        _data = data;
        _reader = new ClipReader(data, model, recipe);
        _recipe = recipe;
        _options = recipe.Options;
        _motion = motion;
    }

    /// <summary>Those that the encoder sees, and all of them where motion is predicted from whole clips.</summary>
    private protected override long TokensPerClip => _motion is not null && !_options.HidesWhereMotionIsPredicted
        ? base.TokensPerClip
        : Math.Max(1, (long)(base.TokensPerClip * (1 - _model.Masks.Ratio)));

    private protected override int ClipsAtOnce => _options.PretrainingTarget == VideoMaePretrainingTarget.Motion
        ? base.ClipsAtOnce
        : Math.Min(base.ClipsAtOnce, LayerSize.ClipsAtOnce(_model.Config.NumPatches, _model.Config.DecoderIntermediateSize));

    /// <summary>The mean loss of the last epoch of this call; null where a run had ended before.</summary>
    public double? Loss { get; private set; }

    private protected override void RunEpoch()
    {
        int epoch = Position.Epoch;
        _model.Network.train();
        EpochSums sums = TrainOn(EpochOrder.Create(_data.Training, _data.Skipped.Remaining(), _recipe, epoch));
        _model.Network.eval();
        bool isLast = epoch == _recipe.NumberOfEpochs;
        VideoMaePretrainingMetrics metrics = MetricsOf(epoch, sums, isLast || epoch % _options.ProbeInterval == 0);
        Loss = metrics.Loss;
        MoveOn(StartOf(epoch + 1) with { IsFinished = isLast, Metrics = CardOf(metrics) });
        ReportEpoch(epoch, metrics.ToString(), metrics.Loss, metrics.ValidationLoss, metrics.ProbeAccuracy, metrics.ClipsPerSecond);
        _options.MetricsCallback?.Invoke(metrics);
    }

    private protected override BatchLoader Read(int[] order, int first) => _reader.Read(Position.Epoch, order, first);

    private protected override Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part)
    {
        ulong seed = _recipe.Streams.Derive(RandomStreams.Purpose.Masking, step, part);
        double leftOut = _options.DecoderMaskRatio;
        Tensor hidden = _model.Masks.Draw(batch.Total, seed);                                              // [B, N]
        Tensor? decoded = leftOut > 0 ? _model.Masks.DrawDecoded(batch.Total, leftOut, seed) : null;       // [B, N]
        return (network, piece) =>
        {
            // Dropout has a seed of its own for every batch: a run that goes on, and every process of a run, draws the same.
            network.DropoutGenerator.manual_seed((long)_recipe.Streams.Derive(RandomStreams.Purpose.Dropout, step, part));
            return LossOf((VideoMaeForPreTraining)network, piece, hidden, decoded);
        };
    }

    /// <summary>The loss of clips, with the masks of the whole batch, [B, N].</summary>
    private BatchLoss LossOf(VideoMaeForPreTraining network, ClipBatch batch, Tensor allHidden, Tensor? allDecoded)
    {
        double share = (double)batch.Count / batch.Total;
        Tensor hidden = batch.Own(allHidden);                                                        // [b, N]
        Tensor clips = _model.ToTensor(batch.PixelValues, batch.Count);                              // [B, T, C, H, W]
        Tensor? motion = _motion is null ? null
            : MotionLoss(network, batch, clips, _data.Training, _options.HidesWhereMotionIsPredicted ? hidden : null);
        if (motion is not null && _options.PretrainingTarget == VideoMaePretrainingTarget.Motion)
            return new BatchLoss(motion, null, share);
        Tensor? decoded = allDecoded is null ? null : batch.Own(allDecoded);                         // [b, N]
        Tensor pixels = network.forward(clips, hidden, decoded).Loss!;
        // The mean is one over tokens that are hidden and decoded, and clips have different numbers of them.
        if (batch.Share is not null && decoded is not null)
            pixels = pixels.Times(Tokens(hidden, decoded) / Tokens(allHidden, allDecoded!) / share);
        return new BatchLoss(motion is null ? pixels : motion.Plus(pixels.Times(PixelShare)), null, share);
    }

    private static double Tokens(Tensor hidden, Tensor decoded) => hidden.logical_and(decoded).sum().item<long>();

    /// <summary>The loss of displacements: quadratic up to a quarter of a unit, linear beyond.</summary>
    /// <param name="network">What predicts them.</param>
    /// <param name="batch">The clips.</param>
    /// <param name="clips">Their pixel values, [B, T, C, H, W].</param>
    /// <param name="examples">What the batch's indices count.</param>
    /// <param name="hidden">What the encoder does not see, [B, N]; null where it sees all.</param>
    private Tensor MotionLoss(
        VideoMaeForPreTraining network, ClipBatch batch, Tensor clips, IReadOnlyList<ClipExample> examples, Tensor? hidden)
    {
        float[] values = _motion!.Of(
            [.. batch.Indices.Select(i => examples[i].Displacement)], batch.PixelValues);
        VideoMaeConfig config = _model.Config;
        Tensor targets = tensor(
            values, [batch.Count, config.NumPatches, DisplacementHead.Outputs(config)], device: _model.Device); // [B, N, 2 c c]
        Tensor? visible = null;
        if (hidden is not null)
        {
            visible = ModelInputs.Positions(hidden.to(_model.Device).logical_not(), "visible");                 // [B, v]
            targets = Patches.Take(targets, visible);
        }

        Tensor predicted = network.Displacements(clips, visible).to(ScalarType.Float32);
        return nn.functional.smooth_l1_loss(predicted, targets, beta: QuadraticUpTo);
    }

    private double ValidationLoss()
    {
        double sum = 0;
        int[] own = SharedRows.Own(_recipe.Group, _data.SkippedValidation.Remaining());
        int clips = 0, count = own.Length;
        using BatchLoader loader = _reader.ReadValidation(own);
        foreach (ClipBatch batch in loader.Read())
        {
            sum += _motion is null
                ? _model.ReconstructionLosses(batch.PixelValues, batch.Count).Sum(loss => (double)loss)
                : HeldOutMotionLoss(batch) * batch.Count;
            clips += batch.Count;
            _options.ProgressCallback?.Invoke(new VideoMaeProgress(VideoMaeStage.Validation, clips, count));
        }

        double[] sums = [sum, clips];
        _recipe.Group.Sum(sums);
        _data.SkippedValidation.Share(_recipe.Group);
        _data.SkippedValidation.Report(Channel);
        return sums[0] / sums[1];
    }

    /// <summary>That of motion alone, with everything in sight.</summary>
    private double HeldOutMotionLoss(ClipBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = _model.ToTensor(batch.PixelValues, batch.Count);
        return MotionLoss(_model.Network, batch, clips, _data.Validation, hidden: null).item<float>();
    }

    private double ProbeAccuracy()
    {
        int[] own = SharedRows.Own(_recipe.Group, _data.Labelled);
        using BatchLoader loader = _reader.ReadLabelled(own);
        return NeighbourProbe.Run(_model, Reported(loader.Read(), own.Length), _data.Training, _recipe.Group);
    }

    private IEnumerable<ClipBatch> Reported(IEnumerable<ClipBatch> batches, int count)
    {
        int done = 0;
        foreach (ClipBatch batch in batches)
        {
            yield return batch;
            _options.ProgressCallback?.Invoke(new VideoMaeProgress(VideoMaeStage.Features, done += batch.Count, count));
        }
    }

    private static Dictionary<string, double> CardOf(VideoMaePretrainingMetrics metrics)
    {
        var card = new Dictionary<string, double> { ["Epochs"] = metrics.Epoch, ["TrainingLoss"] = metrics.Loss };
        if (metrics.ValidationLoss is double loss)
            card["ValidationLoss"] = loss;
        if (metrics.ProbeAccuracy is double accuracy)
            card["ProbeAccuracy"] = accuracy;
        return card;
    }

    private VideoMaePretrainingMetrics MetricsOf(int epoch, EpochSums sums, bool probes) => new()
    {
        Epoch = epoch,
        NumberOfEpochs = _recipe.NumberOfEpochs,
        Target = _options.PretrainingTarget,
        Loss = sums.Loss / sums.Clips,
        ValidationLoss = _data.HasValidation ? ValidationLoss() : null,
        ProbeAccuracy = probes && _options.ProbeLabelColumnName is not null ? ProbeAccuracy() : null,
        LearningRate = LastLearningRate,
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitFraction = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
