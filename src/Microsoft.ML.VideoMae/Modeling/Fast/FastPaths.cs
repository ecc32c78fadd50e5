// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Whether anything may take the place of libtorch's ordinary operators.</summary>
internal static class FastPaths
{
    /// <summary>The environment variable that switches all of them off with '0'.</summary>
    internal const string Variable = "VIDEOMAE_FAST";

    /// <summary>Read whenever a model is made ready, so that a program can change it.</summary>
    internal static bool AreOn => Environment.GetEnvironmentVariable(Variable)?.Trim() != "0";
}
