// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>Says which models have the same encoder.</summary>
internal static class EncoderComparison
{
    /// <summary>The encoder of a model of any kind.</summary>
    public static VideoMaeModel OwnEncoder(this VideoMaePreTrainedModel model) => model switch
    {
        VideoMaeForVideoClassification classifier => classifier.Encoder,
        VideoMaeForPreTraining preTraining => preTraining.Encoder,
        _ => (VideoMaeModel)model,
    };

    /// <summary>Whether the encoder of another model gives the same tokens of the same video.</summary>
    /// <remarks>Models of other settings count as different, even where their heads alone differ.</remarks>
    public static bool HasEncoderOf(this VideoModel model, VideoModel other) =>
        model.Sampler.ToString() == other.Sampler.ToString()
        && model.Processor.ToJson() == other.Processor.ToJson()
        && model.Config.ToJson() == other.Config.ToJson()
        && model.Weights.OwnEncoder().parameters().Zip(other.Weights.OwnEncoder().parameters()).All(p => AreEqual(p.First, p.Second));

    private static bool AreEqual(Parameter one, Parameter other)
    {
        using DisposeScope scope = NewDisposeScope();
        return one.dtype == other.dtype && one.eq(other.to(one.device)).all().item<bool>();
    }
}
