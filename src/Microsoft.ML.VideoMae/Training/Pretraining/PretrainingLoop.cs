// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Pre-trains: with a loss of held-out clips, and a look at labelled clips now and then.</summary>
internal sealed class PretrainingLoop : TrainingLoop
{
    private static readonly string[] s_measured = ["loss", "validation loss", "probe accuracy", "clips per second"];

    private readonly PreTrainingModel _model;
    private readonly TrainingData _data;
    private readonly ClipReader _reader;
    private readonly PretrainingRecipe _recipe;
    private readonly VideoMaePretrainingOptions _options;

    /// <param name="host">The estimator's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">The clips.</param>
    /// <param name="stateFolder">Where the run keeps its state; null for nowhere.</param>
    public PretrainingLoop(
        IHost host, IChannel channel, PreTrainingModel model, PretrainingRecipe recipe, TrainingData data, string? stateFolder)
        : base(host, channel, model, recipe, data, s_measured, stateFolder)
    {
        _model = model;
        _data = data;
        _reader = new ClipReader(data, model, recipe);
        _recipe = recipe;
        _options = recipe.Options;
    }

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

    private protected override (Tensor Loss, long? Correct) Forward(ClipBatch batch, int step, int part)
    {
        ulong seed = _recipe.Streams.Derive(RandomStreams.Purpose.Masking, step, part);
        Tensor hidden = _model.Masks.Draw(batch.Count, seed); // [B, N]
        double leftOut = _options.DecoderMaskRatio;
        Tensor? decoded = leftOut > 0 ? _model.Masks.DrawDecoded(batch.Count, leftOut, seed) : null; // [B, N]
        return (_model.Network.forward(_model.ToTensor(batch.PixelValues, batch.Count), hidden, decoded).Loss!, null);
    }

    private double ValidationLoss()
    {
        double sum = 0;
        int clips = 0, count = _data.SkippedValidation.Remaining().Length;
        using BatchLoader loader = _reader.ReadValidation();
        foreach (ClipBatch batch in loader.Read())
        {
            sum += _model.ReconstructionLosses(batch.PixelValues, batch.Count).Sum(loss => (double)loss);
            clips += batch.Count;
            _options.ProgressCallback?.Invoke(new VideoMaeProgress(VideoMaeStage.Validation, clips, count));
        }

        _data.SkippedValidation.Report(Channel);
        return sum / clips;
    }

    private double ProbeAccuracy()
    {
        using BatchLoader loader = _reader.ReadLabelled();
        return NeighbourProbe.Run(_model, Reported(loader.Read(), _data.Labelled.Length), _data.Training);
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
        Loss = sums.Loss / sums.Clips,
        ValidationLoss = _data.HasValidation ? ValidationLoss() : null,
        ProbeAccuracy = probes && _options.ProbeLabelColumnName is not null ? ProbeAccuracy() : null,
        LearningRate = LastLearningRate,
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitFraction = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
