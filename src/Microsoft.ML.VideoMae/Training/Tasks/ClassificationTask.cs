// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One of several classes: the cross-entropy, with label smoothing, mixed labels and class weights.</summary>
internal sealed class ClassificationTask : TrainingTask
{
    /// <summary>A table of more classes is read by nobody, and would grow the state of a run.</summary>
    private const int MostConfused = 100;

    private readonly int _classes;
    private readonly double _smoothing;
    private readonly Mixup? _mixup;
    private readonly float[]? _classWeights;
    private readonly Tensor? _weights;

    /// <param name="classes">The number of classes, K.</param>
    /// <param name="smoothing">The share of a target that is spread over all classes.</param>
    /// <param name="mixup">How clips are mixed; null for not at all.</param>
    /// <param name="classWeights">A factor for each class, [K]; null for none.</param>
    /// <param name="device">Where the model is.</param>
    public ClassificationTask(int classes, double smoothing, MixupOptions? mixup, float[]? classWeights, Device device)
    {
        _classes = classes;
        _smoothing = smoothing;
        _mixup = mixup is { IsActive: true } ? new Mixup(mixup) : null;
        _classWeights = classWeights;
        _weights = classWeights is null ? null : tensor(classWeights, device: device).DetachFromDisposeScope();
    }

    public override ValidationMetric DefaultMetric => ValidationMetric.Accuracy;

    /// <summary>
    /// The inverse of each class's share of the clips, scaled to a mean of 1 over the clips; 0 for classes without clips.
    /// </summary>
    public static float[] InverseFrequencies(IEnumerable<int> classIndices, int classes)
    {
        var counts = new int[classes];
        foreach (int index in classIndices)
            counts[index]++;
        int present = counts.Count(c => c > 0);
        return [.. counts.Select(c => c == 0 ? 0 : (float)counts.Sum() / present / c)];
    }

    public override (float[] Values, int PerClip) Prepare(
        Span<float> inputs, long[]? rows, ReadOnlySpan<float> targets, (int Height, int Width)? frame, Random random)
    {
        var labels = new int[targets.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = (int)targets[i];
        if (_mixup is not null && frame is (int height, int width))
            return (_mixup.Apply(
                inputs, rows?.Length ?? labels.Length, height, width, labels, _classes, _smoothing, random, rows), _classes);
        MixupDraw[] unmixed = [.. Enumerable.Repeat(MixupDraw.None, labels.Length)];
        return (Mixup.Targets(labels, _classes, unmixed, _smoothing), _classes);
    }

    public override double Weight(float[] targets, int perClip) => _classWeights is null
        ? base.Weight(targets, perClip)
        : targets.Index().Sum(target => (double)target.Item * _classWeights[target.Index % _classes]);

    public override Tensor Loss(Tensor logits, Tensor targets) => SoftTargetCrossEntropy.Compute(logits, targets, _weights);

    public override long? Correct(Tensor logits, Tensor targets) => logits.argmax(1).eq(targets.argmax(1)).sum().cpu().item<long>();

    public override ValidationResult Measure(IReadOnlyList<float[]> logits, IReadOnlyList<float> targets)
    {
        double loss = 0;
        var correct = new int[_classes];
        var counts = new int[_classes];
        int[][]? confusion = _classes > MostConfused ? null : [.. Enumerable.Range(0, _classes).Select(_ => new int[_classes])];
        for (int i = 0; i < logits.Count; i++)
        {
            int label = (int)targets[i];
            float largest = logits[i].Max();
            loss += largest + Math.Log(logits[i].Sum(l => Math.Exp(l - largest))) - logits[i][label];
            counts[label]++;
            int predicted = Array.IndexOf(logits[i], largest);
            if (predicted == label)
                correct[label]++;
            if (confusion is not null && predicted >= 0)
                confusion[label][predicted]++;
        }

        double macro = Enumerable.Range(0, _classes).Where(c => counts[c] > 0).Average(c => (double)correct[c] / counts[c]);
        return new ValidationResult(loss / logits.Count, (double)correct.Sum() / logits.Count, macro, confusion);
    }

    public override void Dispose() => _weights?.Dispose();
}
