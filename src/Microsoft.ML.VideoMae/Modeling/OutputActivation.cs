// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>What a model's logits mean, as its <see cref="VideoMaeConfig.ProblemType"/> says.</summary>
internal enum OutputActivation
{
    /// <summary>The logits themselves: numbers, or log-odds.</summary>
    None,

    /// <summary>Probabilities of which one label is right; they add up to 1.</summary>
    Softmax,

    /// <summary>A probability for every label by itself, of which several may be right.</summary>
    Sigmoid,
}

/// <summary>Chooses and applies a <see cref="OutputActivation"/>.</summary>
internal static class OutputActivations
{
    /// <summary>What Hugging Face's pipelines apply: without a problem type, several labels are one of several.</summary>
    internal static OutputActivation Of(VideoMaeConfig config) => config.ProblemType switch
    {
        VideoMaeProblemType.MultiLabelClassification => OutputActivation.Sigmoid,
        VideoMaeProblemType.Regression => OutputActivation.None,
        _ => config.NumLabels > 1 ? OutputActivation.Softmax : OutputActivation.None,
    };

    /// <summary>[B, K] to [B, K].</summary>
    internal static Tensor Apply(this OutputActivation activation, Tensor logits) => activation switch
    {
        OutputActivation.Softmax => logits.softmax(1),
        OutputActivation.Sigmoid => logits.sigmoid(),
        _ => logits,
    };
}
