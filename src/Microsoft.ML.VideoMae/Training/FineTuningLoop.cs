// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Trains a model: epochs of batches, validation, the best weights, and a state from which a stopped run goes on.</summary>
internal sealed class FineTuningLoop : IDisposable
{
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly ClassifierScorer _scorer;
    private readonly FineTuningSettings _settings;
    private readonly TrainingInput _input;
    private readonly TrainingTask _task;
    private readonly TrainingStepper _stepper;
    private readonly BestEpoch _best;
    private readonly RunState? _state;
    private readonly RunReporter _reporter;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private RunPosition _position;
    private double _earlierSeconds;

    /// <param name="host">The trainer's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="scorer">The model.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="input">What is fed to the model.</param>
    /// <param name="task">What it is trained for.</param>
    /// <param name="stateFolder">Where the run keeps its state; null for nowhere.</param>
    public FineTuningLoop(IHost host, IChannel channel, ClassifierScorer scorer, FineTuningSettings settings, TrainingInput input, TrainingTask task, string? stateFolder)
    {
        _host = host;
        _channel = channel;
        _scorer = scorer;
        _settings = settings;
        _input = input;
        _task = task;
        _stepper = new TrainingStepper(input, task, scorer, settings);
        _best = new BestEpoch(_stepper.Groups, settings.ValidationMetric ?? task.DefaultMetric, settings.KeepBestWeights);
        _state = stateFolder is null ? null : new RunState(new TrainingStateFile<RunPosition>(stateFolder), _stepper.Groups, _stepper.Optimizer, _stepper.Average, _best, settings.StateInterval);
        _reporter = new RunReporter(host, channel, settings);
        _position = StartOf(1);
    }

    /// <summary>What the last complete epoch measured; empty before there is one.</summary>
    public IReadOnlyDictionary<string, double> Metrics => _position.Metrics ?? VideoMaeModelCard.NoMetrics;

    private double ElapsedSeconds => _earlierSeconds + _clock.Elapsed.TotalSeconds;

    /// <summary>Trains to the end, or to where it was stopped; afterwards the model has the weights to score with, in evaluation mode.</summary>
    public void Run()
    {
        Resume();
        try
        {
            while (!_position.IsFinished)
                RunEpoch();
        }
        catch (OperationCanceledException)
        {
            _state?.Save(_position);
            if (_settings.OnCancellation == CancellationBehavior.Throw || _stepper.Step == 0)
                throw;
            _channel.Warning($"Training was cancelled in epoch {_position.Epoch} of {_settings.NumberOfEpochs}; the model so far is returned.");
        }

        UseFinalWeights();
        _input.Finish();
        _task.Finish(_scorer.Model);
        TrainingArithmetic.Reset(_scorer.Model);
        _scorer.Model.eval();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reporter.Dispose();
        _best.Dispose();
        _stepper.Dispose();
    }

    private void Resume()
    {
        if (_state?.TryRestore() is not RunPosition position)
            return;
        _position = position;
        _stepper.Step = position.Step;
        _earlierSeconds = position.ElapsedSeconds;
        _input.Data.Skipped.Restore(position.Skipped);
        _channel.Info(position.IsFinished
            ? $"This run has ended already: its result is taken from '{_state.Path}'. Delete that file to train anew."
            : $"Going on from '{_state.Path}': epoch {position.Epoch} of {_settings.NumberOfEpochs}, step {position.Step}.");
    }

    private void RunEpoch()
    {
        int epoch = _position.Epoch;
        _input.SetTraining(true);
        TrainOn(EpochOrder.Create(_input.Data.Training, _input.Data.Skipped.Remaining(), _settings, epoch));
        _input.Data.Skipped.Report(_channel);
        EpochSums sums = _position.Sums;
        ValidationResult? validation = Validate(epoch);
        bool stopsEarly = _best.Result is not null && epoch - _best.Epoch >= (_settings.EarlyStoppingPatience ?? int.MaxValue);
        _position = StartOf(epoch + 1) with
        {
            IsFinished = stopsEarly || epoch == _settings.NumberOfEpochs,
            Metrics = ModelCards.MetricsOf(epoch, sums, _settings.KeepBestWeights ? _best.Result : validation),
        };
        if (_position.IsFinished)
            _state?.Save(_position);
        else
            _state?.SaveIfDue(_position);
        _reporter.Report(MetricsOf(epoch, sums, validation));
        if (stopsEarly && epoch < _settings.NumberOfEpochs)
            _channel.Info($"Stopped early: no epoch was better than epoch {_best.Epoch} for {_settings.EarlyStoppingPatience} epochs.");
    }

    /// <summary>Trains on what is left of an epoch.</summary>
    private void TrainOn(int[] order)
    {
        int start = _position.Done, batchLength = _settings.BatchSize * _settings.RepeatedAugmentation;
        var progress = new EpochProgress(_position.Sums);
        double stepLoss = 0;
        int stepLength = StepLength(order.Length - start);
        _stepper.Discard();
        using BatchLoader loader = _input.Read(_position.Epoch, order[start..], start);
        foreach (ClipBatch batch in loader.Read())
        {
            _host.CheckAlive();
            _settings.CancellationToken.ThrowIfCancellationRequested();
            progress.BatchStarts();
            StepResult result = _stepper.Run(batch, stepLength);
            progress.BatchEnds(result, batch.Count);
            if (!result.IsFinite)
                throw Diverged(result);
            stepLoss += result.Loss / stepLength;
            if (result.GradientNorm is not double norm)
                continue;
            _position = _position with { Done = start + batch.End, Step = _stepper.Step, Sums = progress.Sums, ElapsedSeconds = ElapsedSeconds };
            _reporter.Report(StepMetricsOf(stepLoss, norm));
            _state?.SaveIfDue(_position);
            stepLoss = 0;
            stepLength = StepLength(order.Length - _position.Done);
        }

        _position = _position with { Done = order.Length, Sums = progress.Sums };

        int StepLength(int clips) => Math.Clamp((clips + batchLength - 1) / batchLength, 1, _settings.GradientAccumulation);
    }

    /// <summary>Validates with the weights that will score: the average where there is one.</summary>
    private ValidationResult? Validate(int epoch)
    {
        if (!_input.Data.HasValidation)
            return null;
        _stepper.Average?.Swap();
        try
        {
            ValidationResult result = Validator.Run(_input, _task, _channel);
            _best.Consider(epoch, result);
            return result;
        }
        finally
        {
            _stepper.Average?.Swap();
        }
    }

    private void UseFinalWeights()
    {
        if (_best.Weights is not null)
        {
            _best.Weights.Give();
            _channel.Info($"The model has the weights of epoch {_best.Epoch}, which validated best.");
        }
        else
        {
            _stepper.Average?.Give();
        }
    }

    private RunPosition StartOf(int epoch) => new()
    {
        Epoch = epoch,
        Done = 0,
        Step = _stepper.Step,
        Sums = EpochSums.Zero,
        Skipped = _input.Data.Skipped.Save(),
        Best = _best.Result,
        BestEpoch = _best.Epoch,
        ElapsedSeconds = ElapsedSeconds,
    };

    /// <summary>The weights are still those before the step: they are kept where there is a place for them.</summary>
    private Exception Diverged(StepResult result)
    {
        string what = double.IsFinite(result.Loss) ? $"The gradients became {result.GradientNorm}" : $"The loss became {result.Loss}";
        string kept = "Set WorkspacePath to keep the last good weights where this happens.";
        if (_state is not null)
        {
            string folder = Path.Combine(Path.GetDirectoryName(_state.Path)!, "last-good");
            _stepper.Average?.Give();
            _scorer.Model.SavePretrained(folder);
            kept = $"The last good weights are in '{folder}'.";
        }

        return _host.Except($"{what} in epoch {_position.Epoch}, step {_stepper.Step + 1}, at a learning rate of {_settings.Schedule[_stepper.Step]:0.0e+0}. " +
            $"Try a lower LearningRate, or check the videos for frames that are all black. {kept}");
    }

    private VideoMaeStepMetrics StepMetricsOf(double loss, double norm) => new()
    {
        Epoch = _position.Epoch,
        Step = _stepper.Step,
        NumberOfSteps = _settings.StepsPerEpoch * _settings.NumberOfEpochs,
        Loss = loss,
        GradientNorm = norm,
        LearningRate = _settings.Schedule[_stepper.Step - 1],
        ClipsPerSecond = _position.Sums.Clips / _position.Sums.Seconds,
    };

    private VideoMaeMetrics MetricsOf(int epoch, EpochSums sums, ValidationResult? validation) => new()
    {
        Epoch = epoch,
        NumberOfEpochs = _settings.NumberOfEpochs,
        Loss = sums.Loss / sums.Clips,
        Accuracy = (double?)sums.Correct / sums.Clips,
        ValidationLoss = validation?.Loss,
        ValidationAccuracy = validation?.Accuracy,
        ValidationMacroAccuracy = validation?.MacroAccuracy,
        LearningRate = _settings.Schedule[Math.Max(0, _stepper.Step - 1)],
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitShare = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
