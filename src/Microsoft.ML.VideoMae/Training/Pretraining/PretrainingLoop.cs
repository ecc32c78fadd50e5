// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Pre-trains: with a loss of held-out clips, and a look at labelled clips now and then.</summary>
internal sealed class PretrainingLoop : TrainingLoop
{
    private static readonly string[] s_measured = ["loss", "validation loss", "probe accuracy", "clips per second"];

    private readonly PreTrainingModel _model;
    private readonly PretrainingData _data;
    private readonly VideoMaePretrainingOptions _options;
    private readonly RandomStreams _streams;

    public PretrainingLoop(IHost host, IChannel channel, PreTrainingModel model, PretrainingData data, PretrainingRecipe recipe, string? stateFolder)
        : this(host, channel, model, data, recipe, stateFolder, new PretrainingStepper(model, recipe))
    {
    }

    private PretrainingLoop(IHost host, IChannel channel, PreTrainingModel model, PretrainingData data, PretrainingRecipe recipe, string? stateFolder, PretrainingStepper stepper)
        : base(host, channel, recipe, stepper, data.Skipped, s_measured)
    {
        _model = model;
        _data = data;
        _options = recipe.Options;
        _streams = recipe.Streams;
        State = stateFolder is null ? null
            : new RunState(new TrainingStateFile<RunPosition>(stateFolder), stepper.Groups, stepper.Optimizer, average: null, best: null, recipe.StateInterval);
    }

    /// <summary>The mean loss of the last epoch of this call; null where a run had ended before.</summary>
    public double? Loss { get; private set; }

    private protected override RunState? State { get; }

    private protected override void RunEpoch()
    {
        int epoch = Position.Epoch;
        _model.Network.train();
        EpochSums sums = TrainOn(_data.Order(_streams.Create(RandomStreams.Purpose.Order, epoch)));
        _model.Network.eval();
        bool isLast = epoch == _options.NumberOfEpochs;
        VideoMaePretrainingMetrics metrics = MetricsOf(epoch, sums, isLast || epoch % _options.ProbeInterval == 0);
        Loss = metrics.Loss;
        MoveOn(StartOf(epoch + 1) with { IsFinished = isLast, Metrics = CardOf(metrics) });
        ReportEpoch(epoch, metrics.ToString(), metrics.Loss, metrics.ValidationLoss, metrics.ProbeAccuracy, metrics.ClipsPerSecond);
        _options.MetricsCallback?.Invoke(metrics);
    }

    private protected override BatchLoader Read(int[] order, int first) => _data.Read(Position.Epoch, order, first);

    private protected override void Finish()
    {
        ModelArithmetic.Reset(_model.Network);
        _model.Network.eval();
    }

    private protected override void SaveLastGood(string folder) => _model.Network.SavePretrained(folder);

    private double ValidationLoss()
    {
        double sum = 0;
        int clips = 0, count = _data.SkippedValidation.Remaining().Length;
        using BatchLoader loader = _data.ReadValidation();
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
        using BatchLoader loader = _data.ReadLabelled();
        return NeighbourProbe.Run(_model, Reported(loader.Read(), _data.LabelledCount), _data.Training);
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
        NumberOfEpochs = _options.NumberOfEpochs,
        Loss = sums.Loss / sums.Clips,
        ValidationLoss = _data.HasValidation ? ValidationLoss() : null,
        ProbeAccuracy = probes && _options.ProbeLabelColumnName is not null ? ProbeAccuracy() : null,
        LearningRate = LastLearningRate,
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitShare = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
