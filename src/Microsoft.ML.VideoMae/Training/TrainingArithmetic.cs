// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>How the model of a run computes.</summary>
internal static class TrainingArithmetic
{
    /// <summary>Applies what the options say about it, and says what that means here.</summary>
    public static void Apply(VideoMaePreTrainedModel model, ComputePrecision precision, bool activationCheckpointing, Device device, IChannel channel)
    {
        model.ActivationCheckpointing = activationCheckpointing;
        // Auto asks the CPU.
        bool isCpu = device.type == DeviceType.CPU;
        model.Precision = isCpu || precision != ComputePrecision.Auto ? precision : ComputePrecision.Float32;
        if (!isCpu || precision == ComputePrecision.Float32)
            return;
        if (BFloat16Support.IsFast)
            channel.Info("Products are computed in BFloat16.");
        else if (precision == ComputePrecision.BFloat16)
            channel.Warning(BFloat16Support.SlowNote);
        else
            channel.Info("Products are computed in Float32: this processor has no instructions for BFloat16.");
    }

    /// <summary>Back to what a trained model is scored with unless its transformer is told otherwise.</summary>
    public static void Reset(VideoMaePreTrainedModel model)
    {
        model.Precision = ComputePrecision.Float32;
        model.ActivationCheckpointing = false;
    }
}
