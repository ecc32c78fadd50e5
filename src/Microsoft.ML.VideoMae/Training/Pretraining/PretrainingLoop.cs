// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Epochs of pre-training, with a state from which a stopped run goes on.</summary>
internal sealed class PretrainingLoop : IDisposable
{
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly ReconstructionScorer _scorer;
    private readonly PretrainingData _data;
    private readonly VideoMaePretrainingOptions _options;
    private readonly LearningRateSchedule _schedule;
    private readonly RandomStreams _streams;
    private readonly PretrainingStepper _stepper;
    private readonly RunState? _state;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private RunPosition _position;
    private double _earlierSeconds;

    public PretrainingLoop(IHost host, IChannel channel, ReconstructionScorer scorer, ClipMasks masks, PretrainingData data, VideoMaePretrainingOptions options,
        LearningRateSchedule schedule, RandomStreams streams, string? stateFolder)
    {
        _host = host;
        _channel = channel;
        _scorer = scorer;
        _data = data;
        _options = options;
        _schedule = schedule;
        _streams = streams;
        _stepper = new PretrainingStepper(scorer, masks, options, schedule, streams);
        _state = stateFolder is null ? null
            : new RunState(new TrainingStateFile<RunPosition>(stateFolder), _stepper.Groups, _stepper.Optimizer, average: null, best: null, TimeSpan.FromSeconds(options.StateInterval));
        _position = StartOf(1);
    }

    /// <summary>What the last complete epoch measured; empty before there is one.</summary>
    public IReadOnlyDictionary<string, double> Metrics => _position.Metrics ?? VideoMaeModelCard.NoMetrics;

    private double ElapsedSeconds => _earlierSeconds + _clock.Elapsed.TotalSeconds;

    /// <summary>Trains to the end, or to where it was stopped; afterwards the model is in evaluation mode. Gives the last epoch's loss.</summary>
    public double? Run()
    {
        Resume();
        double? loss = null;
        try
        {
            while (!_position.IsFinished)
                loss = RunEpoch();
        }
        catch (OperationCanceledException)
        {
            _state?.Save(_position);
            if (_options.OnCancellation == CancellationBehavior.Throw || _stepper.Step == 0)
                throw;
            _channel.Warning($"Pre-training was cancelled in epoch {_position.Epoch} of {_options.NumberOfEpochs}; the model so far is returned.");
        }

        TrainingArithmetic.Reset(_scorer.Model);
        _scorer.Model.eval();
        return loss;
    }

    /// <inheritdoc/>
    public void Dispose() => _stepper.Dispose();

    private void Resume()
    {
        if (_state?.TryRestore() is not RunPosition position)
            return;
        _position = position;
        _stepper.Step = position.Step;
        _earlierSeconds = position.ElapsedSeconds;
        _data.Skipped.Restore(position.Skipped);
        _channel.Info(position.IsFinished
            ? $"This run has ended already: its result is taken from '{_state.Path}'. Delete that file to train anew."
            : $"Going on from '{_state.Path}': epoch {position.Epoch} of {_options.NumberOfEpochs}, step {position.Step}.");
    }

    private double RunEpoch()
    {
        int epoch = _position.Epoch;
        _scorer.Model.train();
        TrainOn(_data.Order(_streams.Create(RandomStreams.Purpose.Order, epoch)));
        _data.Skipped.Report(_channel);
        EpochSums sums = _position.Sums;
        _scorer.Model.eval();
        bool isLast = epoch == _options.NumberOfEpochs;
        VideoMaePretrainingMetrics metrics = MetricsOf(epoch, sums, isLast || epoch % _options.ProbeInterval == 0);
        _position = StartOf(epoch + 1) with { IsFinished = isLast, Metrics = CardOf(metrics) };
        if (isLast)
            _state?.Save(_position);
        else
            _state?.SaveIfDue(_position);
        _channel.Info(metrics.ToString());
        _options.MetricsCallback?.Invoke(metrics);
        return metrics.Loss;
    }

    private void TrainOn(int[] order)
    {
        int start = _position.Done, batchLength = _options.BatchSize * _options.RepeatedAugmentation;
        var progress = new EpochProgress(_position.Sums);
        int stepLength = StepLength(order.Length - start);
        _stepper.Discard();
        using BatchLoader loader = _data.Read(_position.Epoch, order[start..], start);
        foreach (ClipBatch batch in loader.Read())
        {
            _host.CheckAlive();
            _options.CancellationToken.ThrowIfCancellationRequested();
            progress.BatchStarts();
            StepResult result = _stepper.Run(batch, stepLength);
            progress.BatchEnds(result, batch.Count);
            if (!result.IsFinite)
                throw Diverged(result);
            if (result.GradientNorm is null)
                continue;
            _position = _position with { Done = start + batch.End, Step = _stepper.Step, Sums = progress.Sums, ElapsedSeconds = ElapsedSeconds };
            _state?.SaveIfDue(_position);
            stepLength = StepLength(order.Length - _position.Done);
        }

        _position = _position with { Done = order.Length, Sums = progress.Sums };

        int StepLength(int clips) => Math.Clamp((clips + batchLength - 1) / batchLength, 1, _options.GradientAccumulation);
    }

    private double ValidationLoss()
    {
        double sum = 0;
        int clips = 0;
        using BatchLoader loader = _data.ReadValidation();
        foreach (ClipBatch batch in loader.Read())
        {
            sum += _scorer.ReconstructionLosses(batch.PixelValues, batch.Count).Sum(loss => (double)loss);
            clips += batch.Count;
        }

        _data.SkippedValidation.Report(_channel);
        return sum / clips;
    }

    private double ProbeAccuracy()
    {
        using BatchLoader loader = _data.ReadLabelled();
        return NeighbourProbe.Run(_scorer, loader.Read(), _data.Training);
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

    private Exception Diverged(StepResult result)
    {
        string what = double.IsFinite(result.Loss) ? $"The gradients became {result.GradientNorm}" : $"The reconstruction loss became {result.Loss}";
        string kept = "Set WorkspacePath to keep the last good weights where this happens.";
        if (_state is not null)
        {
            string folder = Path.Combine(Path.GetDirectoryName(_state.Path)!, "last-good");
            _scorer.Model.SavePretrained(folder);
            kept = $"The last good weights are in '{folder}'.";
        }

        return _host.Except($"{what} in epoch {_position.Epoch}, step {_stepper.Step + 1}, at a learning rate of {_schedule[_stepper.Step]:0.0e+0}. Try a lower LearningRate. {kept}");
    }

    private RunPosition StartOf(int epoch) => new()
    {
        Epoch = epoch,
        Done = 0,
        Step = _stepper.Step,
        Sums = EpochSums.Zero,
        Skipped = _data.Skipped.Save(),
        ElapsedSeconds = ElapsedSeconds,
    };

    private VideoMaePretrainingMetrics MetricsOf(int epoch, EpochSums sums, bool probes) => new()
    {
        Epoch = epoch,
        NumberOfEpochs = _options.NumberOfEpochs,
        Loss = sums.Loss / sums.Clips,
        ValidationLoss = _data.HasValidation ? ValidationLoss() : null,
        ProbeAccuracy = probes && _options.ProbeLabelColumnName is not null ? ProbeAccuracy() : null,
        LearningRate = _schedule[Math.Max(0, _stepper.Step - 1)],
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitShare = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
