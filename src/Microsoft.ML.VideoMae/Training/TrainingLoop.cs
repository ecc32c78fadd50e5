// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Epochs of batches, and a state from which a stopped run goes on: what all kinds of training share.</summary>
internal abstract class TrainingLoop : IDisposable
{
    private readonly IHost _host;
    private readonly TrainingRecipe _recipe;
    private readonly VideoModel _model;
    private readonly SkippedClips _skipped;
    private readonly string? _stateFolder;
    private readonly RunReporter _reporter;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _earlierSeconds;
    private bool _usesOneDnn;

    /// <param name="host">The trainer's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">The clips.</param>
    /// <param name="measured">What is measured in an epoch, for <see cref="ReportEpoch"/>.</param>
    /// <param name="stateFolder">Where the run keeps its state; null for nowhere.</param>
    private protected TrainingLoop(
        IHost host, IChannel channel, VideoModel model, TrainingRecipe recipe, TrainingData data, string[] measured, string? stateFolder)
    {
        _host = host;
        Channel = channel;
        _model = model;
        _recipe = recipe;
        _skipped = data.Skipped;
        _stateFolder = stateFolder;
        Stepper = new TrainingStepper(model.Weights, recipe, Forward);
        Position = StartOf(1);
        _reporter = new RunReporter(host, channel, recipe, measured);
        if (Stepper.Optimizer.Warning is string warning)
            channel.Warning(warning);
    }

    /// <summary>What the last complete epoch measured; empty before there is one.</summary>
    public IReadOnlyDictionary<string, double> Metrics => Position.Metrics ?? VideoMaeModelCard.NoMetrics;

    /// <summary>What the validation took for what, class by class; null where there was none.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Confusion => Position.Confusion;

    private protected IChannel Channel { get; }

    private protected TrainingStepper Stepper { get; }

    /// <summary>Where the run stands.</summary>
    private protected RunPosition Position { get; private set; }

    private protected double ElapsedSeconds => _earlierSeconds + _clock.Elapsed.TotalSeconds;

    /// <summary>The learning rate of the last step.</summary>
    private protected double LastLearningRate => _recipe.Schedule[Math.Max(0, Stepper.Step - 1)];

    /// <summary>The best epoch; null where none is looked for.</summary>
    private protected virtual BestEpoch? Best => null;

    /// <summary>Where the run keeps its state; null for nowhere.</summary>
    private RunState? State =>
        field ??= _stateFolder is null && _recipe.Group.IsAlone
            ? null
            : new RunState(
                _stateFolder is null ? null : new TrainingStateFile<RunPosition>(_stateFolder), Stepper.Groups, Stepper.Optimizer,
                Stepper.Average, Best, _recipe.Shared.StateInterval, _recipe.Group);

    /// <summary>The tokens of a clip that blocks work on.</summary>
    private protected virtual long TokensPerClip => _model.Config.NumPatches;

    /// <summary>The most clips that go through the model together on a CPU.</summary>
    private protected virtual int ClipsAtOnce => LayerSize.ClipsAtOnce(TokensPerClip, _model.Config.IntermediateSize);

    /// <summary>Whether clips go through all of the model; false where features are all that is left of them.</summary>
    private protected virtual bool TrainsOnClips => true;

    /// <summary>What else may help where a run diverges.</summary>
    private protected virtual string Advice => "Try a lower LearningRate.";

    /// <summary>
    /// Trains to the end, or to where it was stopped; afterwards the model has the weights to score with, in evaluation mode.
    /// </summary>
    public void Run()
    {
        bool? kept = Resume() ? Position.UsesOneDnn : null;
        if (!Position.IsFinished)
        {
            if (_model.Device.type == DeviceType.CPU)
                (Stepper.ClipsAtOnce, Stepper.SharesBatches) = (ClipsAtOnce, TrainsOnClips);
            _usesOneDnn = new ProductChoice(_model.Weights, _recipe.Group, Channel)
                .Apply(kept, TokensPerClip * Math.Min(_recipe.BatchLength, Stepper.ClipsAtOnce));
            Position = Position with { UsesOneDnn = _usesOneDnn };
        }

        try
        {
            while (!Position.IsFinished)
                RunEpoch();
        }
        catch (OperationCanceledException)
        {
            State?.Save(Position);
            if (_recipe.Shared.OnCancellation == CancellationBehavior.Throw || Stepper.Step == 0)
                throw;
            Channel.Warning(
                $"{_recipe.Name} was cancelled in epoch {Position.Epoch} of {_recipe.NumberOfEpochs}; the model so far is returned."
            );
        }

        Finish();
        ModelArithmetic.Reset(_model.Weights);
        _model.Weights.eval();
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _reporter.Dispose();
        Stepper.Dispose();
        TorchRuntime.GiveBackMemory();
    }

    /// <summary>Trains for one epoch, or what is left of it, with <see cref="TrainOn"/>, and moves on with <see cref="MoveOn"/>.</summary>
    private protected abstract void RunEpoch();

    /// <summary>Reads clips of an epoch.</summary>
    /// <param name="order">The clips.</param>
    /// <param name="first">The place in the epoch's order that <paramref name="order"/> starts at.</param>
    private protected abstract BatchLoader Read(int[] order, int first);

    /// <summary>An epoch has ended: says so, with a value for everything that is measured.</summary>
    private protected void ReportEpoch(int epoch, string line, params double?[] values) => _reporter.Report(epoch, line, values);

    /// <inheritdoc cref="TrainingStepper.Forward"/>
    private protected abstract Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part);

    /// <summary>Puts the weights into the model that are to score.</summary>
    private protected virtual void Finish()
    {
    }

    /// <summary>Trains on what is left of an epoch; gives what it added up.</summary>
    private protected EpochSums TrainOn(int[] order)
    {
        int start = Position.Done;
        var progress = new EpochProgress(Position.Sums);
        double stepLoss = 0;
        int stepLength = StepLength(order.Length - start);
        Stepper.Discard();
        int[] rest = order[start..];
        using BatchLoader loader = Read(rest, start);
        var agreement = new BatchAgreement(_recipe.Split, rest, () => _recipe.Shared.CancellationToken.IsCancellationRequested);
        foreach (ClipBatch batch in agreement.Agreed(loader.Read()))
        {
            _host.CheckAlive();
            _recipe.CancellationToken.ThrowIfCancellationRequested();
            progress.BatchStarts();
            StepResult result = Stepper.Run(batch, stepLength);
            progress.BatchEnds(result, batch.Total);
            if (!result.IsFinite)
                throw Diverged(result);
            stepLoss += result.Loss / stepLength;
            if (result.GradientNorm is not double norm)
                continue;
            Position = Position with
            {
                Done = start + batch.End,
                Step = Stepper.Step,
                Sums = progress.Sums,
                ElapsedSeconds = ElapsedSeconds,
            };
            ReportStep(stepLoss, norm);
            State?.SaveIfDue(Position);
            stepLoss = 0;
            stepLength = StepLength(order.Length - Position.Done);
        }

        Position = Position with { Done = order.Length, Sums = progress.Sums };
        _skipped.Share(_recipe.Group);
        _skipped.Report(Channel);
        return Position.Sums;
    }

    /// <summary>Goes to the next epoch, and writes the state.</summary>
    private protected void MoveOn(RunPosition next)
    {
        Position = next;
        (Channel as RankChannel)?.Deliver();
        if (next.IsFinished)
            State?.Save(next);
        else
            State?.SaveIfDue(next);
    }

    /// <summary>The position before the first clip of an epoch.</summary>
    private protected RunPosition StartOf(int epoch) => new()
    {
        Epoch = epoch,
        Done = 0,
        Step = Stepper.Step,
        Sums = EpochSums.Zero,
        Skipped = _skipped.Save(),
        ElapsedSeconds = ElapsedSeconds,
        UsesOneDnn = _usesOneDnn,
    };

    /// <summary>A step was made, and the position moved.</summary>
    private void ReportStep(double loss, double gradientNorm) => _reporter.Report(new VideoMaeStepMetrics
    {
        Epoch = Position.Epoch,
        Step = Stepper.Step,
        NumberOfSteps = _recipe.Schedule.TotalSteps,
        Loss = loss,
        GradientNorm = gradientNorm,
        LearningRate = LastLearningRate,
        ClipsPerSecond = Position.Sums.Clips / Position.Sums.Seconds,
    });

    /// <summary>Goes to where the run stood; false where it has not begun.</summary>
    private bool Resume()
    {
        if (State?.TryRestore() is not RunPosition position)
            return false;
        Position = position;
        Stepper.Step = position.Step;
        _earlierSeconds = position.ElapsedSeconds;
        _skipped.Restore(position.Skipped);
        Channel.Info(position.IsFinished
            ? $"This run has ended already: its result is taken from '{State.Path}'. Delete that file to train anew."
            : $"Going on from '{State.Path}': epoch {position.Epoch} of {_recipe.NumberOfEpochs}, step {position.Step}.");
        return true;
    }

    /// <summary>The batches of the next step: fewer at the end of an epoch.</summary>
    private int StepLength(int clips) =>
        Math.Clamp((clips + _recipe.BatchLength - 1) / _recipe.BatchLength, 1, _recipe.Shared.GradientAccumulation);

    /// <summary>The weights are still those before the step: they are kept where there is a place for them.</summary>
    private Exception Diverged(StepResult result)
    {
        string what = double.IsFinite(result.Loss) ? $"The gradients became {result.GradientNorm}" : $"The loss became {result.Loss}";
        string kept = "Set WorkspacePath to keep the last good weights where this happens.";
        if (State?.Path is string path)
        {
            string folder = Path.Combine(Path.GetDirectoryName(path)!, "last-good");
            Stepper.Average?.Give();
            _model.Weights.SavePretrained(folder);
            kept = $"The last good weights are in '{folder}'.";
        }

        return _host.Except($"{what} in epoch {Position.Epoch}, step {Stepper.Step + 1}, at a learning rate of " +
            $"{_recipe.Schedule[Stepper.Step]:0.0e+0}. {Advice} {kept}");
    }
}
