// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

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
