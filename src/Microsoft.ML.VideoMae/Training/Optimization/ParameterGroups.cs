// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Splits a classifier's parameters by weight decay and by depth, as optim_factory.py of the original VideoMAE does: no decay
/// for biases and norms; learning rates that fall by a factor per layer towards the input.
/// </summary>
internal sealed class ParameterGroups
{
    private ParameterGroups(IReadOnlyList<ParameterGroup> groups)
    {
        Groups = groups;
        Named = [.. groups.SelectMany(g => g.Named)];
        Parameters = [.. Named.Select(p => p.Parameter)];
    }

    /// <summary>Every group, in a stable order.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>All parameters and their names, in the order of the groups.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Named { get; }

    /// <summary>All parameters, in the order of the groups.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <param name="parameters">The parameters by their Hugging Face names; those without gradient are left out.</param>
    /// <param name="numHiddenLayers">The number of encoder blocks.</param>
    /// <param name="layerDecay">The factor per layer; 1 gives every layer the same rate.</param>
    public static ParameterGroups Create(
        IEnumerable<(string Name, Parameter Parameter)> parameters, int numHiddenLayers,
        double layerDecay) =>
        new([
            .. parameters
                .Where(p => p.Parameter.requires_grad)
                .GroupBy(p => (Layer: LayerOf(p.Name, numHiddenLayers), Decay: HasDecay(p.Name, p.Parameter.shape)))
                .OrderBy(g => g.Key)
                .Select(g => new ParameterGroup([.. g], ScaleOf(g.Key.Layer, numHiddenLayers, layerDecay), g.Key.Decay))]);

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
        shape.Length > 1
        && !name.EndsWith(".bias", StringComparison.Ordinal)
        && !name.EndsWith("mask_token", StringComparison.Ordinal)
        && !name.EndsWith("pooler.query", StringComparison.Ordinal);
}
