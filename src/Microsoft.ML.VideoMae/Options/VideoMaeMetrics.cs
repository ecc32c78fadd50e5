// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.VideoMae;

/// <summary>What every kind of training reports after each epoch. Instances never change: they can be kept.</summary>
public abstract record VideoMaeEpochMetrics
{
    private protected VideoMaeEpochMetrics()
    {
    }

    /// <summary>The epoch that has ended, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of epochs that the run was asked for.</summary>
    public required int NumberOfEpochs { get; init; }

    /// <summary>
    /// The mean training loss over all clips of the epoch; in pre-training over all masked patches, or all displacements where motion is
    /// predicted. With normalised pixels, about 1 is what predicting each patch's mean gives.
    /// </summary>
    public required double Loss { get; init; }

    /// <summary>
    /// The mean loss over all clips of the validation set, or over those that pre-training holds out, with the same masks in every epoch;
    /// null without any.
    /// </summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training clips per second in this epoch.</summary>
    public required double ClipsPerSecond { get; init; }

    /// <summary>The share of the epoch's time in which the model waited for clips, 0 to 1.</summary>
    public required double DataWaitFraction { get; init; }

    /// <summary>The time since training started.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the remaining epochs will take at the pace so far.</summary>
    public TimeSpan Remaining => Elapsed / Epoch * (NumberOfEpochs - Epoch);

    /// <summary>The line that the log gets.</summary>
    /// <param name="measured">Names and values of what is measured, as format items.</param>
    private protected string Line(params ReadOnlySpan<(string Name, double? Value, string Format)> measured)
    {
        var text = new StringBuilder();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        text.Append(invariant, $"Epoch {Epoch}/{NumberOfEpochs}: ");
        foreach ((string name, double? value, string format) in measured)
        {
            if (value is double number)
                text.Append(name).Append(' ').Append(number.ToString(format, invariant)).Append(", ");
        }

        text.Append(
            invariant, $"learning rate {LearningRate:0.0e+0}, {ClipsPerSecond:0.0} clips/s, waiting for data {DataWaitFraction:0%}");
        text.Append(invariant, $", {Elapsed:hh\\:mm\\:ss} elapsed, {Remaining:hh\\:mm\\:ss} to go");
        return text.ToString();
    }
}

/// <summary>What a trainer reports after each epoch. Instances never change: they can be kept.</summary>
public sealed record VideoMaeMetrics : VideoMaeEpochMetrics
{
    /// <summary>The share of augmented training clips of the epoch that were classified correctly, 0 to 1; null for regression.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>
    /// The share of all clips of the validation set that were classified correctly, 0 to 1; null without one, and for regression.
    /// </summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>
    /// The mean over the classes of the share of their validation clips that were classified correctly, 0 to 1; null without a validation
    /// set, and for regression.
    /// </summary>
    public double? ValidationMacroAccuracy { get; init; }

    /// <summary>The line that the log gets.</summary>
    public override string ToString() => Line(
        ("loss", Loss, "0.0000"), ("accuracy", Accuracy, "0.000"),
        ("validation loss", ValidationLoss, "0.0000"), ("validation accuracy", ValidationAccuracy, "0.000"));
}

/// <summary>What pre-training reports after each epoch. Instances never change: they can be kept.</summary>
public sealed record VideoMaePretrainingMetrics : VideoMaeEpochMetrics
{
    /// <summary>What is predicted, and so what the losses are of. The default is <see cref="VideoMaePretrainingTarget.Pixels"/>.</summary>
    public VideoMaePretrainingTarget Target { get; init; }

    /// <summary>
    /// The share of labelled clips whose class is that of most of their 5 nearest neighbours among the others, by the cosine of their
    /// features; null in epochs without a probe.
    /// </summary>
    public double? ProbeAccuracy { get; init; }

    /// <summary>The line that the log gets.</summary>
    public override string ToString() => Line(
        (NameOfLoss, Loss, "0.0000"), ("of held-out clips", ValidationLoss, "0.0000"),
        ("nearest neighbours", ProbeAccuracy, "0.000"));

    private string NameOfLoss => Target switch
    {
        VideoMaePretrainingTarget.Motion => "loss of displacements",
        VideoMaePretrainingTarget.Both => "loss of displacements and pixels",
        _ => "reconstruction loss",
    };
}
