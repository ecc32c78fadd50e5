// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What there is here of a batch that several processes share, or that goes through the model piece by piece.</summary>
/// <param name="Clips">Every clip of the batch that could be read, in order, [B].</param>
/// <param name="Rows">Which of them these are, in order, [b].</param>
internal sealed record BatchShare(int[] Clips, long[] Rows)
{
    /// <summary>What this process counts for where several work on the same clips.</summary>
    public double Part { get; init; } = 1;

    /// <summary>B.</summary>
    public int Total => Clips.Length;

    /// <summary>The rows of these clips out of those of the whole batch: [B, ...] to [b, ...].</summary>
    public Tensor Take(Tensor all) => Rows.Length == Total ? all : all.index_select(0, tensor(Rows, device: all.device));

    /// <summary>The same for numbers, of which each clip has as many.</summary>
    public float[] Take(float[] all, int perClip)
    {
        if (Rows.Length == Total)
            return all;
        var own = new float[Rows.Length * perClip];
        for (int i = 0; i < Rows.Length; i++)
            all.AsSpan((int)Rows[i] * perClip, perClip).CopyTo(own.AsSpan(i * perClip));
        return own;
    }
}
