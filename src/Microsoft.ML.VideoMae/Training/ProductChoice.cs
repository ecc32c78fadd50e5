// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Chooses what multiplies in the blocks of a run: libtorch, or oneDNN where that is measured to be faster. Both give the same up to
/// rounding, so that a run keeps what it began with.
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="group">The processes of the run: the first one chooses for all.</param>
/// <param name="channel">Gets what was chosen, and why.</param>
internal sealed class ProductChoice(VideoMaePreTrainedModel network, ProcessGroup group, IChannel channel)
{
    /// <summary>Chooses and applies; to be called by all processes.</summary>
    /// <param name="kept">What a run that goes on has chosen before; null for a new one.</param>
    /// <param name="tokens">The tokens of a batch.</param>
    /// <returns>Whether the run multiplies by oneDNN, to be kept with its state.</returns>
    public bool Apply(bool? kept, long tokens)
    {
        bool isChosen = kept ?? bool.Parse(group.Broadcast($"{group.IsFirst && Pays(tokens)}"));
        if (isChosen && Lack() is string lack)
        {
            channel.Warning($"oneDNN's products were chosen for this run. This process multiplies by libtorch: {lack}. Weights differ " +
                "from those by oneDNN's products by rounding.");
            isChosen = false;
        }

        network.Products = isChosen ? CheckedProducts.OfOneDnn(channel.Warning) : null;
        return isChosen;
    }

    private static string? Lack() =>
        !FastPaths.AreOn ? $"{FastPaths.Variable} is 0"
        : OneDnn.IsAvailable ? null
        : $"this libtorch has no such operator on this processor, {ProcessorInfo.Description}";

    private bool Pays(long tokens)
    {
        if (Lack() is not null || !MultipliesInFloat32() || !TrainsBlocks())
            return false;
        var speeds = ProductSpeeds.Of(tokens, network.Config.HiddenSize, network.Config.IntermediateSize);
        bool pays = speeds.OneDnnPays;
        string text = $"In Float32, {speeds}: {(pays ? "blocks are trained with oneDNN's products" : "training stays with libtorch's")}.";
        if (pays)
            channel.Info(text);
        else
            channel.Trace(text);
        return pays;
    }

    private bool MultipliesInFloat32() =>
        !BFloat16Support.IsChosen(network.Precision) && network.parameters().All(p => p.device_type == DeviceType.CPU);

    private bool TrainsBlocks() =>
        network.modules().OfType<TransformerBlock>().Any(block => block.parameters().Any(p => p.requires_grad));
}
