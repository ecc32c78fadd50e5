// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>How the model of a run computes.</summary>
internal static class ModelArithmetic
{
    /// <summary>Applies what the options say about it, and says what that means here.</summary>
    public static void Apply(
        VideoMaePreTrainedModel model, ComputePrecision precision, bool activationCheckpointing, Device device, IChannel channel)
    {
        model.ActivationCheckpointing = activationCheckpointing;
        // Auto asks the CPU.
        model.Precision = device.type == DeviceType.CPU || precision != ComputePrecision.Auto ? precision : ComputePrecision.Float32;
        Note(precision, device, channel);
    }

    /// <summary>Says what a precision means on a CPU; a GPU is not judged.</summary>
    public static void Note(ComputePrecision precision, Device device, IChannel channel)
    {
        if (device.type != DeviceType.CPU || BFloat16Support.Describe(precision) is not (string text, bool isSlow))
            return;
        if (isSlow)
            channel.Warning(text);
        else
            channel.Info(text);
    }

    /// <summary>Back to what a trained model is scored with unless its transformer is told otherwise.</summary>
    public static void Reset(VideoMaePreTrainedModel model)
    {
        model.Precision = ComputePrecision.Float32;
        model.ActivationCheckpointing = false;
        model.Products = null;
    }
}
