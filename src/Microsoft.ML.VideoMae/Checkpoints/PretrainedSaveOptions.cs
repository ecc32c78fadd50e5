// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>How a model is written as a folder in Hugging Face's layout, and what its card says that only its owner knows.</summary>
public sealed record PretrainedSaveOptions
{
    /// <summary>
    /// The bytes of weights that one file may have; more are spread over model-00001-of-0000N.safetensors, with an index beside them. A
    /// single larger weight gets a file of its own. The default value is 5,000,000,000.
    /// </summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>
    /// The licence of the model as the hub names it, such as 'mit'. The default, null, takes over that of the checkpoint that the model was
    /// made of, and names none where that is not known.
    /// </summary>
    public string? License { get; init; }

    /// <summary>
    /// The data sets that the model was trained on, by their ids on the hub. The default, an empty list, names those of the card of the
    /// checkpoint where the model is that checkpoint, and none where it was trained here.
    /// </summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Checks the options against what the weights came from.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    /// <exception cref="ArgumentException">The licence allows what that of the checkpoint forbids.</exception>
    internal void Check(CheckpointCard? source)
    {
        if (MaxShardBytes <= 0)
            throw new ArgumentOutOfRangeException(nameof(MaxShardBytes), MaxShardBytes, "A file has to have room for at least one byte.");
        if (License is not null && source is { ForbidsCommercialUse: true }
            && !new CheckpointCard { License = License }.ForbidsCommercialUse)
        {
            throw new ArgumentException(
                $"The licence '{License}' was given. The model was made of a checkpoint whose licence, {source.License}, allows no " +
                "commercial use, and goes with what is made of it. Leave License unset to take it over.", nameof(License));
        }
    }
}
