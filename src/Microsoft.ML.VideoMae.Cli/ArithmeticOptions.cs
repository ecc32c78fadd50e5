// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.CommandLine;
using Microsoft.ML.VideoMae.Modeling;

namespace VideoMaeCli;

/// <summary>How the verbs that train compute, which both name alike.</summary>
internal sealed class ArithmeticOptions
{
    public Option<ComputePrecision> Precision { get; } = new("--precision")
    {
        Description = "What products are computed with: Float32, BFloat16, or Auto for BFloat16 where the processor has instructions for it.",
    };

    public Option<bool> ActivationCheckpointing { get; } = new("--activation-checkpointing")
    {
        Description = "Keep less of every step and compute it again: about a third more time for far less memory.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Precision);
        command.Options.Add(ActivationCheckpointing);
    }
}
