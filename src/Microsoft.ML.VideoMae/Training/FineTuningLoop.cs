// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Trains a classifier or regressor: with validation, the best weights, and their average.</summary>
internal sealed class FineTuningLoop : TrainingLoop
{
    private static readonly string[] s_measured =
    ["loss", "accuracy", "validation loss", "validation accuracy", "validation macro accuracy", "clips per second"];

    private readonly ClassificationModel _model;
    private readonly FineTuningRecipe _recipe;
    private readonly TrainingInput _input;
    private readonly TrainingTask _task;
    private readonly BestEpoch _best;

    /// <param name="host">The trainer's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="input">What is fed to the model.</param>
    /// <param name="task">What it is trained for.</param>
    /// <param name="stateFolder">Where the run keeps its state; null for nowhere.</param>
    public FineTuningLoop(IHost host, IChannel channel, ClassificationModel model, FineTuningRecipe recipe, TrainingInput input,
        TrainingTask task, string? stateFolder)
        : base(host, channel, model, recipe, input.Data, s_measured, stateFolder)
    {
        _model = model;
        _recipe = recipe;
        _input = input;
        _task = task;
        _best = new BestEpoch(Stepper.Groups, recipe.Options.ValidationMetric ?? task.DefaultMetric, recipe.KeepsBest);
    }

    /// <summary>Features are small, and the head alone is trained on them.</summary>
    private protected override int ClipsAtOnce => TrainsOnClips ? base.ClipsAtOnce : int.MaxValue;

    private protected override bool TrainsOnClips => _input.Frame is not null;

    private protected override BestEpoch Best => _best;

    private protected override string Advice => "Try a lower LearningRate, or check the videos for frames that are all black.";

    /// <inheritdoc/>
    public override void Dispose()
    {
        _best.Dispose();
        base.Dispose();
    }

    private protected override void RunEpoch()
    {
        int epoch = Position.Epoch;
        _input.SetTraining(true);
        EpochSums sums = TrainOn(EpochOrder.Create(_input.Data.Training, _input.Data.Skipped.Remaining(), _recipe, epoch));
        ValidationResult? validation = Validate(epoch);
        bool stopsEarly = _best.Result is not null && epoch - _best.Epoch >= (_recipe.Options.EarlyStoppingPatience ?? int.MaxValue);
        ValidationResult? kept = _recipe.KeepsBest ? _best.Result : validation;
        MoveOn(StartOf(epoch + 1) with
        {
            IsFinished = stopsEarly || epoch == _recipe.NumberOfEpochs,
            Best = _best.Result,
            BestEpoch = _best.Epoch,
            Metrics = ModelCards.MetricsOf(epoch, sums, kept),
            Confusion = kept?.Confusion,
        });
        Report(MetricsOf(epoch, sums, validation));
        if (stopsEarly && epoch < _recipe.NumberOfEpochs)
            Channel.Info($"Stopped early: no epoch was better than epoch {_best.Epoch} for {_recipe.Options.EarlyStoppingPatience} " +
                "epochs.");
    }

    private protected override Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part)
    {
        Random random = _recipe.Streams.Create(RandomStreams.Purpose.Mixing, step, part);
        (float[] values, int perClip) = _task.Prepare(
            batch.PixelValues, batch.Share?.Rows, _input.Data.Targets(batch.AllIndices), _input.Frame, random);
        return (network, piece) =>
        {
            // Seeds of their own for every batch: there is no state of a generator to save.
            network.DropoutGenerator.manual_seed((long)_recipe.Streams.Derive(RandomStreams.Purpose.Dropout, step, part));
            float[] own = piece.Own(values, perClip);
            Tensor targets = tensor(own, [piece.Count, perClip], device: _model.Device); // [b, K] or [b, 1]
            Tensor logits = _input.Forward((VideoMaeForVideoClassification)network, piece); // [b, K]
            double share = piece.Count == piece.Total ? 1 : _task.Weight(own, perClip) / _task.Weight(values, perClip);
            return new BatchLoss(_task.Loss(logits, targets), _task.Correct(logits.detach(), targets), share);
        };
    }

    private protected override BatchLoader Read(int[] order, int first) => _input.Read(Position.Epoch, order, first);

    private protected override void Finish()
    {
        if (_best.Weights is not null)
        {
            _best.Weights.Give();
            Channel.Info($"The model has the weights of epoch {_best.Epoch}, which validated best.");
        }
        else
        {
            Stepper.Average?.Give();
        }

        _input.Finish();
        _task.Finish(_model.Network);
    }

    /// <summary>Validates with the weights that will score: the average where there is one.</summary>
    private ValidationResult? Validate(int epoch)
    {
        if (!_input.Data.HasValidation)
            return null;
        Stepper.Average?.Swap();
        try
        {
            ValidationResult result = Validator.Run(_input, _task, Channel, _recipe.Group);
            _best.Consider(epoch, result);
            return result;
        }
        finally
        {
            Stepper.Average?.Swap();
        }
    }

    private void Report(VideoMaeMetrics metrics)
    {
        ReportEpoch(
            metrics.Epoch, metrics.ToString(), metrics.Loss, metrics.Accuracy, metrics.ValidationLoss, metrics.ValidationAccuracy,
            metrics.ValidationMacroAccuracy, metrics.ClipsPerSecond);
        _recipe.Options.MetricsCallback?.Invoke(metrics);
    }

    private VideoMaeMetrics MetricsOf(int epoch, EpochSums sums, ValidationResult? validation) => new()
    {
        Epoch = epoch,
        NumberOfEpochs = _recipe.NumberOfEpochs,
        Loss = sums.Loss / sums.Clips,
        Accuracy = (double?)sums.Correct / sums.Clips,
        ValidationLoss = validation?.Loss,
        ValidationAccuracy = validation?.Accuracy,
        ValidationMacroAccuracy = validation?.MacroAccuracy,
        LearningRate = LastLearningRate,
        ClipsPerSecond = sums.Clips / sums.Seconds,
        DataWaitFraction = 1 - sums.ComputingSeconds / sums.Seconds,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
    };
}
