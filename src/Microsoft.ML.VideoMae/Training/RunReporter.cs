// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Tells everyone who listens how a run goes: the log, the progress channel, the callbacks, TensorBoard.</summary>
internal sealed class RunReporter : IDisposable
{
    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private readonly FineTuningSettings _settings;
    private readonly TorchSharp.Modules.SummaryWriter? _board;
    private VideoMaeMetrics? _last;

    public RunReporter(IHost host, IChannel channel, FineTuningSettings settings)
    {
        _channel = channel;
        _settings = settings;
        _board = settings.TensorBoardFolder is null ? null : torch.utils.tensorboard.SummaryWriter(settings.TensorBoardFolder);
        _progress = host.StartProgressChannel("Training");
        _progress.SetHeader(
            new ProgressHeader(["Loss", "Accuracy", "Validation accuracy"], ["epochs"]),
            entry =>
            {
                entry.SetProgress(0, _last?.Epoch ?? 0, settings.NumberOfEpochs);
                entry.SetMetric(0, _last?.Loss ?? double.NaN);
                entry.SetMetric(1, _last?.Accuracy ?? double.NaN);
                entry.SetMetric(2, _last?.ValidationAccuracy ?? double.NaN);
            });
    }

    /// <summary>An optimizer step was made.</summary>
    public void Report(VideoMaeStepMetrics metrics)
    {
        Write("step/loss", metrics.Loss, metrics.Step);
        Write("step/learning rate", metrics.LearningRate, metrics.Step);
        Write("step/gradient norm", metrics.GradientNorm, metrics.Step);
        _settings.StepCallback?.Invoke(metrics);
    }

    /// <summary>An epoch has ended.</summary>
    public void Report(VideoMaeMetrics metrics)
    {
        _last = metrics;
        _channel.Info(metrics.ToString());
        _progress.Checkpoint(metrics.Loss, metrics.Accuracy, metrics.ValidationAccuracy, metrics.Epoch, _settings.NumberOfEpochs);
        Write("epoch/loss", metrics.Loss, metrics.Epoch);
        Write("epoch/accuracy", metrics.Accuracy, metrics.Epoch);
        Write("epoch/validation loss", metrics.ValidationLoss, metrics.Epoch);
        Write("epoch/validation accuracy", metrics.ValidationAccuracy, metrics.Epoch);
        Write("epoch/validation macro accuracy", metrics.ValidationMacroAccuracy, metrics.Epoch);
        Write("epoch/clips per second", metrics.ClipsPerSecond, metrics.Epoch);
        _settings.MetricsCallback?.Invoke(metrics);
    }

    /// <inheritdoc/>
    public void Dispose() => _progress.Dispose();

    private void Write(string tag, double? value, int step)
    {
        if (value is double number)
            _board?.add_scalar(tag, (float)number, step);
    }
}
