// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>What folders and lists call the parts of a data set.</summary>
internal static class SplitName
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    /// <summary>The part that a name stands for; null where it stands for none.</summary>
    public static string? Of(string name) => name.Trim().ToLowerInvariant() switch
    {
        "train" or "training" => Train,
        "val" or "valid" or "validate" or "validation" or "dev" => Validation,
        "test" or "testing" => Test,
        _ => null,
    };
}
