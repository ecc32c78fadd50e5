// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>Whether a trainer's settings can learn a few clips by heart: what cannot do that cannot learn many.</summary>
public sealed record VideoMaeOverfitReport
{
    internal VideoMaeOverfitReport(bool succeeded, int clips, int epochs, double loss, double accuracy)
    {
        Succeeded = succeeded;
        Clips = clips;
        Epochs = epochs;
        Loss = loss;
        Accuracy = accuracy;
    }

    /// <summary>Whether all clips were classified correctly at the end.</summary>
    public bool Succeeded { get; }

    /// <summary>The number of clips.</summary>
    public int Clips { get; }

    /// <summary>The number of epochs it took, or was tried.</summary>
    public int Epochs { get; }

    /// <summary>The training loss at the end.</summary>
    public double Loss { get; }

    /// <summary>The share of correct clips at the end, 0 to 1.</summary>
    public double Accuracy { get; }

    /// <summary>One sentence, with what to do where it failed.</summary>
    public override string ToString() =>
        Succeeded
            ? string.Create(CultureInfo.InvariantCulture, $"{Clips} clips were learned by heart in {Epochs} epochs (loss {Loss:0.0000}).")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Clips} clips were not learned by heart in {Epochs} epochs: accuracy {Accuracy:0.00}, loss {Loss:0.0000}. "
            ) + "Try another LearningRate, or look whether the clips show what their labels say.";
}
