// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>What a checkpoint is loaded as, where that is not just what it is.</summary>
public sealed record PretrainedOptions
{
    /// <summary>
    /// The configuration of a checkpoint that brings none (a .pth without a config.json beside it). The default, null, works it out from
    /// the weights where they are of a well-known size.
    /// </summary>
    public VideoMaeConfig? Config { get; init; }

    /// <summary>
    /// Changes the configuration before the model is built; the default, null, leaves it as it is. Another number of labels gives a fresh
    /// head; another num_frames or image_size new positions (they are a formula, not weights); another num_channels an adapted patch
    /// embedding: for fewer channels its kernels are summed, for more they are repeated and scaled by old / new.
    /// </summary>
    public Func<VideoMaeConfig, VideoMaeConfig>? Configure { get; init; }

    /// <summary>Where a hub id is looked up and kept. The default, null, takes everything from the environment.</summary>
    public HuggingFaceHubOptions? Hub { get; init; }

    /// <summary>
    /// What weights missing in the checkpoint are drawn from. The default, null, draws from a generator seeded at random.
    /// </summary>
    public Generator? Generator { get; init; }

    /// <summary>A factor for the initial weights of a fresh head. The default value is 1; the original recipe uses 0.001.</summary>
    public double InitScale { get; init; } = 1;
}
