// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Tells everyone who listens how a run goes: the log, the progress channel, TensorBoard, and who wants every step.</summary>
internal sealed class RunReporter : IDisposable
{
    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private readonly TrainingRecipe _recipe;
    private readonly string[] _names;
    private readonly TorchSharp.Modules.SummaryWriter? _board;
    private double?[] _last;
    private int _epoch;

    /// <param name="host">The trainer's host.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="recipe">The recipe of the run.</param>
    /// <param name="names">What is measured in an epoch.</param>
    public RunReporter(IHost host, IChannel channel, TrainingRecipe recipe, params string[] names)
    {
        _channel = channel;
        _recipe = recipe;
        _names = names;
        _last = new double?[names.Length];
        _board = recipe.Shared.TensorBoardFolder is null ? null : torch.utils.tensorboard.SummaryWriter(recipe.Shared.TensorBoardFolder);
        _progress = host.StartProgressChannel(recipe.Name);
        _progress.SetHeader(
            new ProgressHeader(names, ["epochs"]),
            entry =>
            {
                entry.SetProgress(0, _epoch, recipe.NumberOfEpochs);
                for (int i = 0; i < names.Length; i++)
                    entry.SetMetric(i, _last[i] ?? double.NaN);
            });
    }

    /// <summary>An optimizer step was made.</summary>
    public void Report(VideoMaeStepMetrics metrics)
    {
        Write("step/loss", metrics.Loss, metrics.Step);
        Write("step/learning rate", metrics.LearningRate, metrics.Step);
        Write("step/gradient norm", metrics.GradientNorm, metrics.Step);
        _recipe.Shared.StepCallback?.Invoke(metrics);
    }

    /// <summary>An epoch has ended.</summary>
    /// <param name="epoch">Its number, from 1.</param>
    /// <param name="line">The line for the log.</param>
    /// <param name="values">What was measured; null for what was not.</param>
    public void Report(int epoch, string line, params double?[] values)
    {
        (_epoch, _last) = (epoch, values);
        _channel.Info(line);
        _progress.Checkpoint([.. values, epoch, _recipe.NumberOfEpochs]);
        foreach ((string name, double? value) in _names.Zip(values))
            Write($"epoch/{name}", value, epoch);
    }

    /// <inheritdoc/>
    public void Dispose() => _progress.Dispose();

    private void Write(string tag, double? value, int step)
    {
        if (value is double number)
            _board?.add_scalar(tag, (float)number, step);
    }
}
