// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The three losses of a classifier, chosen as Hugging Face's library chooses them; computed in float32 at least.</summary>
internal static class ClassificationLoss
{
    private const long IgnoreIndex = -100;

    internal static Tensor Compute(Tensor logits, Tensor labels, VideoMaeConfig config)
    {
        Tensor scores = logits.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? logits.to(ScalarType.Float32) : logits; // [B, K]
        VideoMaeProblemType type = config.ProblemType
            ?? (config.NumLabels == 1 ? VideoMaeProblemType.Regression
                : is_integral(labels.dtype) ? VideoMaeProblemType.SingleLabelClassification : VideoMaeProblemType.MultiLabelClassification);
        return type switch
        {
            VideoMaeProblemType.SingleLabelClassification => nn.functional.cross_entropy(scores, Indices(labels, scores.shape).to(scores.device), ignore_index: IgnoreIndex),
            VideoMaeProblemType.MultiLabelClassification => nn.functional.binary_cross_entropy_with_logits(scores, Values(labels, scores)),
            _ => nn.functional.mse_loss(scores, Values(labels, scores)),
        };
    }

    private static Tensor Indices(Tensor labels, long[] logits)
    {
        if (!is_integral(labels.dtype) || labels.numel() != logits[0])
        {
            throw new ArgumentException(
                $"Labels of type {labels.dtype} and shape {ModelInputs.Text(labels.shape)} were given; single-label classification takes {logits[0]} class indices.", nameof(labels));
        }

        Tensor indices = labels.reshape(-1).to(ScalarType.Int64);
        long[] values = indices.cpu().data<long>().ToArray();
        long wrong = values.FirstOrDefault(index => index != IgnoreIndex && (index < 0 || index >= logits[1]), IgnoreIndex);
        if (wrong != IgnoreIndex)
            throw new ArgumentException($"The label {wrong} was given; a model of {logits[1]} classes takes 0 to {logits[1] - 1}, or {IgnoreIndex} for a clip to ignore.", nameof(labels));
        return indices;
    }

    private static Tensor Values(Tensor labels, Tensor scores)
    {
        bool column = scores.shape[1] == 1 && labels.numel() == scores.shape[0];
        if (!column && !labels.shape.SequenceEqual(scores.shape))
        {
            throw new ArgumentException(
                $"Labels of shape {ModelInputs.Text(labels.shape)} were given; they must be {ModelInputs.Text(scores.shape)}, one value for every output.", nameof(labels));
        }

        return labels.reshape(scores.shape).to(scores.dtype, scores.device);
    }
}
