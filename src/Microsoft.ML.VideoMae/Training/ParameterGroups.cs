// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch.optim;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Splits a classifier's parameters by weight decay and by depth, as optim_factory.py of the original VideoMAE does: no decay
/// for biases and norms; learning rates that fall by a factor per layer towards the input.
/// </summary>
internal sealed class ParameterGroups
{
    private readonly List<(AdamW.ParamGroup Group, double Scale)> _groups = [];

    private ParameterGroups()
    {
    }

    /// <summary>Every group, in a stable order.</summary>
    public IEnumerable<AdamW.ParamGroup> Groups => _groups.Select(g => g.Group);

    /// <summary>All parameters, in the order of the groups.</summary>
    public IReadOnlyList<Parameter> Parameters { get; private set; } = [];

    /// <param name="parameters">The parameters by their Hugging Face names; those without gradient are left out.</param>
    /// <param name="numHiddenLayers">The number of encoder blocks.</param>
    /// <param name="layerDecay">The factor per layer; 1 gives every layer the same rate.</param>
    /// <param name="weightDecay">The weight decay of matrices.</param>
    public static ParameterGroups Create(
        IEnumerable<(string Name, Parameter Parameter)> parameters, int numHiddenLayers, double layerDecay, double weightDecay)
    {
        var groups = new ParameterGroups();
        var byKey = parameters
            .Where(p => p.Parameter.requires_grad)
            .GroupBy(p => (Layer: LayerOf(p.Name, numHiddenLayers), Decay: HasDecay(p.Name, p.Parameter.shape)))
            .OrderBy(g => g.Key);
        foreach (var group in byKey)
        {
            double scale = ScaleOf(group.Key.Layer, numHiddenLayers, layerDecay);
            var options = new AdamW.Options { weight_decay = group.Key.Decay ? weightDecay : 0 };
            groups._groups.Add((new AdamW.ParamGroup(group.Select(p => p.Parameter), options), scale));
        }

        groups.Parameters = groups._groups.SelectMany(g => g.Group.Parameters).ToArray();
        return groups;
    }

    /// <summary>Gives every group its share of the schedule's learning rate.</summary>
    public void SetLearningRate(double learningRate)
    {
        foreach ((AdamW.ParamGroup group, double scale) in _groups)
            group.LearningRate = learningRate * scale;
    }

    /// <summary>0 for the embeddings, N + 1 for block N, <paramref name="numHiddenLayers"/> + 1 for what follows.</summary>
    internal static int LayerOf(string name, int numHiddenLayers)
    {
        const string Layer = "encoder.layer.";
        if (name.Contains("embeddings.", StringComparison.Ordinal) || name.EndsWith("mask_token", StringComparison.Ordinal))
            return 0;
        int at = name.IndexOf(Layer, StringComparison.Ordinal);
        if (at < 0)
            return numHiddenLayers + 1;
        string rest = name[(at + Layer.Length)..];
        return int.Parse(rest[..rest.IndexOf('.')]) + 1;
    }

    /// <summary>The factor on a layer's learning rate: layerDecay ^ (L + 1 - layer).</summary>
    internal static double ScaleOf(int layer, int numHiddenLayers, double layerDecay) => Math.Pow(layerDecay, numHiddenLayers + 1 - layer);

    internal static bool HasDecay(string name, long[] shape) =>
        shape.Length > 1 && !name.EndsWith(".bias", StringComparison.Ordinal) && !name.EndsWith("mask_token", StringComparison.Ordinal);
}
