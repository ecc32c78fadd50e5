// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Gradients side by side in memory that stays where it is.</summary>
internal sealed class GradientBucket(Parameter[] parameters, long length)
{
    /// <summary>4 MB: large enough that latency does not count, small enough that there are several.</summary>
    private const long LeastLength = 1 << 20;

    public Parameter[] Parameters { get; } = parameters;

    public float[] Values { get; } = GC.AllocateArray<float>(checked((int)length), pinned: true);

    /// <summary>How many parameters have not got all of their gradients yet.</summary>
    public int Missing { get; set; } = parameters.Length;

    /// <summary>Buckets of parameters, in their order.</summary>
    public static IEnumerable<GradientBucket> Fill(IEnumerable<Parameter> parameters)
    {
        var part = new List<Parameter>();
        long length = 0;
        foreach (Parameter parameter in parameters)
        {
            part.Add(parameter);
            length += parameter.numel();
            if (length < LeastLength)
                continue;
            yield return new GradientBucket([.. part], length);
            (part, length) = ([], 0);
        }

        if (part.Count > 0)
            yield return new GradientBucket([.. part], length);
    }

    /// <summary>Takes the gradients as they are; zeros where there are none.</summary>
    public void Collect()
    {
        Missing = Parameters.Length;
        using DisposeScope scope = NewDisposeScope();
        int offset = 0;
        foreach (Parameter parameter in Parameters)
        {
            Tensor slice = SliceOf(parameter, ref offset);
            if (parameter.grad is Tensor gradient)
                slice.copy_(gradient);
            else
                slice.zero_();
        }
    }

    /// <summary>Gives the parameters what is here, but for those that have no gradient anywhere.</summary>
    public void Distribute(ReadOnlySpan<bool> isUsed)
    {
        using DisposeScope scope = NewDisposeScope();
        int offset = 0;
        for (int i = 0; i < Parameters.Length; i++)
        {
            Tensor slice = SliceOf(Parameters[i], ref offset);
            if (Parameters[i].grad is Tensor gradient)
                gradient.copy_(slice);
            else if (isUsed[i])
                Parameters[i].grad = slice.to(Parameters[i].device, copy: true);
        }
    }

    private Tensor SliceOf(Parameter parameter, ref int offset)
    {
        int count = (int)parameter.numel();
        var part = new ArraySegment<float>(Values, offset, count);
        offset += count;
        return ArrayTensors.Share(part, parameter.shape);
    }
}
