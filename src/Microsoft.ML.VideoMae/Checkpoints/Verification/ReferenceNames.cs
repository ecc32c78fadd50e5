// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>What the names in a reference file mean.</summary>
internal static class ReferenceNames
{
    private const string Gradient = "grad.";

    private static readonly HashSet<string> s_inputs = new(StringComparer.Ordinal)
    {
        "pixel_values", "pixel_values_btchw", "videos_bcthw", "bool_masked_pos", "bool_masked_pos_random",
        "labels", "labels_multi_label", "labels_regression", "labels_regression_multi",
    };

    internal static bool IsInput(string name) => s_inputs.Contains(name);

    internal static bool IsGradient(string output) => output.StartsWith(Gradient, StringComparison.Ordinal) || output == "grad_pixel_values";

    internal static bool IsLoss(string output) => output.Split('.')[^1].StartsWith("loss", StringComparison.Ordinal);

    /// <summary>The output each expected tensor stands for, without those of the other naming.</summary>
    internal static IReadOnlyDictionary<string, string> Map(IEnumerable<string> names, string file, CheckpointNaming naming)
    {
        const string Original = "original.", Converted = "hf_converted.";
        bool gradients = file.EndsWith("_grads.safetensors", StringComparison.OrdinalIgnoreCase);
        (string mine, string other) = naming == CheckpointNaming.Original ? (Original, Converted) : (Converted, Original);
        return names.Where(name => !IsInput(name) && !name.StartsWith(other, StringComparison.Ordinal)).ToDictionary(
            name => name,
            name => gradients ? Gradient + name : name.StartsWith(mine, StringComparison.Ordinal) ? name[mine.Length..] : name,
            StringComparer.Ordinal);
    }
}
