// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.CommandLine;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;

namespace VideoMaeCli;

/// <summary>What both verbs that train can be told.</summary>
internal sealed class TrainingOptions
{
    public Option<ComputePrecision> Precision { get; } = new("--precision")
    {
        Description = "What products are computed with: Float32, BFloat16, or Auto for BFloat16 where the processor has instructions for it.",
    };

    public Option<bool> ActivationCheckpointing { get; } = new("--activation-checkpointing")
    {
        Description = "Keep less of every step and compute it again: about a third more time for far less memory.",
    };

    public Option<FrameResizing?> Resizing { get; } = new("--resizing")
    {
        Description = "How frames get the model's shape: IsoCrop cuts around the centre, Fill stretches the whole frame; without it as the pre-trained model has it, or IsoCrop.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Resizing);
        command.Options.Add(Precision);
        command.Options.Add(ActivationCheckpointing);
    }
}
