// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.VideoMae;

/// <summary>What pre-training reports after each epoch. Instances never change: they can be kept.</summary>
public sealed record VideoMaePretrainingMetrics
{
    /// <summary>The epoch that has ended, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of epochs that the run was asked for.</summary>
    public required int NumberOfEpochs { get; init; }

    /// <summary>The mean reconstruction loss over all masked patches of the epoch. With normalised pixels, about 1 is what predicting each patch's mean gives.</summary>
    public required double Loss { get; init; }

    /// <summary>The reconstruction loss of the clips held out, with the same masks in every epoch; null without any.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>
    /// The share of labelled clips whose class is that of most of their 5 nearest neighbours among the others, by the cosine of their features; null
    /// in epochs without a probe.
    /// </summary>
    public double? ProbeAccuracy { get; init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Clips per second in this epoch.</summary>
    public required double ClipsPerSecond { get; init; }

    /// <summary>The share of the epoch's time in which the model waited for clips, 0 to 1.</summary>
    public required double DataWaitShare { get; init; }

    /// <summary>The time since training started.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the remaining epochs will take at the pace so far.</summary>
    public TimeSpan Remaining => Elapsed / Epoch * (NumberOfEpochs - Epoch);

    /// <summary>The line that the log gets.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        text.Append(invariant, $"Epoch {Epoch}/{NumberOfEpochs}: reconstruction loss {Loss:0.0000}");
        if (ValidationLoss is double loss)
            text.Append(invariant, $", of held-out clips {loss:0.0000}");
        if (ProbeAccuracy is double probe)
            text.Append(invariant, $", nearest neighbours {probe:0.000}");
        text.Append(invariant, $", learning rate {LearningRate:0.0e+0}, {ClipsPerSecond:0.0} clips/s, waiting for data {DataWaitShare:0%}");
        text.Append(invariant, $", {Elapsed:hh\\:mm\\:ss} elapsed, {Remaining:hh\\:mm\\:ss} to go");
        return text.ToString();
    }
}
