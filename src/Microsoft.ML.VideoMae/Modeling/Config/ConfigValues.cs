// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae;

/// <summary>A height and a width in pixels. A single number stands for a square: <c>SpatialSize size = 224;</c>.</summary>
/// <param name="Height">The height in pixels.</param>
/// <param name="Width">The width in pixels.</param>
public readonly record struct SpatialSize(int Height, int Width)
{
    /// <summary>A square.</summary>
    /// <param name="side">Its height and width in pixels.</param>
    public static implicit operator SpatialSize(int side) => new(side, side);

    /// <summary>Whether height and width are equal.</summary>
    public bool IsSquare => Height == Width;

    /// <summary>Height x width.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");
}

/// <summary>The activations a configuration can name in <c>hidden_act</c>.</summary>
internal static class Activation
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_functions = new(StringComparer.Ordinal)
    {
        ["gelu"] = x => x.gelu(),
        ["gelu_new"] = x => x.gelu(GELU.Approximate.tanh),
        ["gelu_pytorch_tanh"] = x => x.gelu(GELU.Approximate.tanh),
        ["quick_gelu"] = x => x * x.Times(1.702).sigmoid(),
        ["relu"] = x => x.relu(),
        ["silu"] = x => x.silu(),
    };

    internal static string Names => string.Join(", ", s_functions.Keys);

    internal static bool IsKnown(string name) => name is not null && s_functions.ContainsKey(name);

    internal static Func<Tensor, Tensor> Get(string name) => s_functions[name];
}

/// <summary>The loss of a <see cref="VideoMaeForVideoClassification"/>; the <c>problem_type</c> of config.json.</summary>
public enum VideoMaeProblemType
{
    /// <summary>Mean squared error.</summary>
    Regression,

    /// <summary>Cross-entropy with class indices; the label -100 is left out of the mean.</summary>
    SingleLabelClassification,

    /// <summary>Binary cross-entropy with logits, averaged over every label of every clip.</summary>
    MultiLabelClassification,
}
