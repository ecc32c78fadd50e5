// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Adds up what the processes of a group found for the same step. Each weighs its loss by its share of the batch, so that sums of gradients
/// are those of the whole batch. Alone, nothing is done.
/// </summary>
/// <remarks>
/// Gradients travel in buckets, as 32-bit floats, and are added up as such; while one bucket is under way, the next is filled and the one
/// before is emptied.
/// </remarks>
/// <param name="group">The processes.</param>
/// <param name="parameters">What is trained, in the same order in all of them.</param>
internal sealed class GradientExchange(ProcessGroup group, IReadOnlyList<Parameter> parameters)
{
    /// <summary>4 MB: large enough that latency does not count, small enough that there are several.</summary>
    private const long BucketLength = 1 << 20;

    private readonly Bucket[] _buckets = group.IsAlone ? [] : [.. Fill(parameters)];
    private bool[]? _isUsed;

    /// <summary>Adds up a loss and the correct clips of a batch.</summary>
    public (double Loss, long? Correct) Sum(double loss, long? correct, double part)
    {
        if (group.IsAlone)
            return (loss, correct);
        double[] numbers = [loss, (correct ?? 0) * part, correct is null ? 0 : 1];
        group.Sum(numbers);
        return (numbers[0], numbers[2] > 0 ? (long)Math.Round(numbers[1]) : null);
    }

    /// <summary>Replaces the gradients by those of the whole step.</summary>
    public unsafe void Sum()
    {
        if (group.IsAlone)
            return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _isUsed ??= FindUsed();
        var pending = new List<IPendingExchange>();
        foreach (Bucket bucket in _buckets)
        {
            bucket.Collect();
            pending.Add(group.StartSum(bucket.Address, bucket.Values.Length));
        }

        int first = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            pending[i].Wait();
            _buckets[i].Distribute(_isUsed.AsSpan(first));
            first += _buckets[i].Parameters.Length;
        }
    }

    /// <summary>A parameter that the loss does not depend on has no gradient anywhere, and stays without one: it is not to decay.</summary>
    private bool[] FindUsed()
    {
        double[] used = [.. _buckets.SelectMany(bucket => bucket.Parameters).Select(p => p.grad is null ? 0.0 : 1)];
        group.Sum(used);
        return [.. used.Select(count => count > 0)];
    }

    /// <summary>The last parameters first: their gradients are there first.</summary>
    private static IEnumerable<Bucket> Fill(IReadOnlyList<Parameter> parameters)
    {
        var part = new List<Parameter>();
        long length = 0;
        foreach (Parameter parameter in parameters.Reverse())
        {
            part.Add(parameter);
            length += parameter.numel();
            if (length < BucketLength)
                continue;
            yield return new Bucket([.. part], length);
            (part, length) = ([], 0);
        }

        if (part.Count > 0)
            yield return new Bucket([.. part], length);
    }

    /// <summary>Gradients side by side in memory that stays where it is.</summary>
    private sealed unsafe class Bucket(Parameter[] parameters, long length)
    {
        public Parameter[] Parameters { get; } = parameters;

        public float[] Values { get; } = GC.AllocateArray<float>(checked((int)length), pinned: true);

        public nint Address => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref Values[0]);

        public void Collect()
        {
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
}

/// <summary>Gives all processes of a group the tensors of the first.</summary>
internal static class TensorBroadcast
{
    /// <param name="group">The processes.</param>
    /// <param name="tensors">The same ones in all of them, of 32-bit floats.</param>
    public static void Run(ProcessGroup group, IEnumerable<Tensor> tensors)
    {
        if (group.IsAlone)
            return;
        using IDisposable noGrad = no_grad();
        foreach (Tensor tensor in tensors)
        {
            using DisposeScope scope = NewDisposeScope();
            float[] values = tensor.detach().to(CPU).to(ScalarType.Float32).contiguous().data<float>().ToArray();
            group.Broadcast(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            if (!group.IsFirst)
                tensor.detach().copy_(ArrayTensors.Share(values, tensor.shape));
        }
    }
}
