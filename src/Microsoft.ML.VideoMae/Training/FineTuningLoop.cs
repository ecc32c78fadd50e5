// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Trains a classifier: epochs of shuffled, augmented batches; AdamW on a schedule; validation over all rows.</summary>
internal sealed class FineTuningLoop : IDisposable
{
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly ClassifierScorer _scorer;
    private readonly FineTuningSettings _settings;
    private readonly IReadOnlyList<ClipExample> _training;
    private readonly TrainingClips _clips;
    private readonly SkippedClips _skipped;
    private readonly Validator? _validator;
    private readonly VideoMaeForVideoClassification _model;
    private readonly ParameterGroups _groups;
    private readonly FusedAdamW _optimizer;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();

    public FineTuningLoop(IHost host, IChannel channel, ClassifierScorer scorer, FineTuningSettings settings,
        IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation)
    {
        _host = host;
        _channel = channel;
        _scorer = scorer;
        _settings = settings;
        _training = training;
        _clips = new TrainingClips(training, scorer, settings);
        _skipped = new SkippedClips(host, "training", training, settings.OnVideoError, settings.MaxSkippedShare);
        _validator = validation.Count == 0 ? null
            : new Validator(validation, scorer, settings, new SkippedClips(host, "validation", validation, settings.OnVideoError, settings.MaxSkippedShare));
        _model = scorer.Model;
        _groups = ParameterGroups.Create(_model.named_parameters().Select(p => (p.name, p.parameter)), scorer.Config.NumHiddenLayers, settings.LayerDecay);
        _optimizer = new FusedAdamW(_groups);
    }

    /// <summary>Trains for all epochs; the scorer's model has the last weights afterwards, in evaluation mode.</summary>
    public void Run()
    {
        using IProgressChannel progress = _host.StartProgressChannel("Training");
        VideoMaeMetrics? last = null;
        progress.SetHeader(
            new ProgressHeader(["Loss", "Accuracy", "Validation accuracy"], ["epochs"]),
            entry =>
            {
                entry.SetProgress(0, last?.Epoch ?? 0, _settings.NumberOfEpochs);
                entry.SetMetric(0, last?.Loss ?? double.NaN);
                entry.SetMetric(1, last?.Accuracy ?? double.NaN);
            });
        for (int epoch = 1; epoch <= _settings.NumberOfEpochs; epoch++)
        {
            last = RunEpoch(epoch);
            _channel.Info(last.ToString());
            progress.Checkpoint(last.Loss, last.Accuracy, last.ValidationAccuracy, epoch, _settings.NumberOfEpochs);
            _settings.MetricsCallback?.Invoke(last);
        }

        _model.eval();
    }

    /// <summary>Frees the optimizer's state.</summary>
    public void Dispose() => _optimizer.Dispose();

    private VideoMaeMetrics RunEpoch(int epoch)
    {
        int[] order = _skipped.Remaining();
        _settings.Streams.Create(RandomStreams.Purpose.Order, epoch).Shuffle(order);
        var stopwatch = Stopwatch.StartNew();
        TimeSpan computing = TimeSpan.Zero;
        double loss = 0;
        long correct = 0;
        int clips = 0;
        int step = (epoch - 1) * _settings.StepsPerEpoch;
        _model.train();
        using var loader = new BatchLoader(_training, order, _settings.BatchSize, _scorer.ClipLength,
            (index, pixels, token) => _clips.Fill(epoch, index, pixels, token), _skipped, _settings.DecodingThreads, _settings.CancellationToken);
        foreach (ClipBatch batch in loader.Read())
        {
            _host.CheckAlive();
            _settings.CancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            (double batchLoss, long batchCorrect) = Step(batch, epoch, step);
            computing += Stopwatch.GetElapsedTime(start);
            loss += batchLoss * batch.Count;
            correct += batchCorrect;
            clips += batch.Count;
            step++;
        }

        _skipped.Report(_channel);

        TimeSpan duration = stopwatch.Elapsed;
        (double Loss, double Accuracy)? validation = _validator?.Run(_channel);
        return new VideoMaeMetrics
        {
            Epoch = epoch,
            NumberOfEpochs = _settings.NumberOfEpochs,
            Loss = loss / clips,
            Accuracy = (double)correct / clips,
            ValidationLoss = validation?.Loss,
            ValidationAccuracy = validation?.Accuracy,
            LearningRate = _settings.Schedule[Math.Max(0, step - 1)],
            ClipsPerSecond = clips / duration.TotalSeconds,
            DataWaitShare = 1 - computing / duration,
            Elapsed = _elapsed.Elapsed,
        };
    }

    private (double Loss, long Correct) Step(ClipBatch batch, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        double learningRate = _settings.Schedule[step];
        Tensor pixelValues = _scorer.ToTensor(batch.PixelValues, batch.Count); // [B, T, C, H, W]
        Tensor labels = tensor(batch.Labels, device: _scorer.Device); // [B]

        Tensor logits = _model.forward(pixelValues).Logits; // [B, classes]
        Tensor loss = nn.functional.cross_entropy(logits, labels, label_smoothing: _settings.LabelSmoothing);
        double value = loss.cpu().item<float>();
        if (!double.IsFinite(value))
        {
            throw _host.Except($"The loss became {value} in epoch {epoch}, step {step}, at a learning rate of {learningRate:0.0e+0}. " +
                "Try a lower LearningRate, or check the videos for frames that are all black.");
        }

        _optimizer.ZeroGrad();
        loss.backward();
        if (_settings.GradientClipNorm > 0)
            nn.utils.clip_grad_norm_(_groups.Parameters, _settings.GradientClipNorm);
        _optimizer.Step(learningRate, _settings.WeightDecay);
        return (value, logits.argmax(1).eq(labels).sum().cpu().item<long>());
    }
}
