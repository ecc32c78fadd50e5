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
/// Gradients travel in buckets, in the order in which the way back completes blocks; what belongs to no block comes last. A bucket is under
/// way while gradients of blocks before it are computed. All processes start the same buckets in the same order, also one without a clip.
/// </remarks>
internal sealed class GradientExchange
{
    private readonly ProcessGroup _group;
    private readonly VideoMaeGradientTransport _transport;
    private readonly GradientBucket[] _buckets;
    private readonly Dictionary<TransformerBlock, GradientBucket[]> _ofBlock = [];
    private readonly List<IPendingExchange> _started = [];
    private bool[]? _isUsed;

    /// <param name="recipe">Says who exchanges, and how.</param>
    /// <param name="parameters">What is trained, in the same order in all of them.</param>
    /// <param name="network">The network of the parameters.</param>
    public GradientExchange(TrainingRecipe recipe, IReadOnlyList<Parameter> parameters, VideoMaePreTrainedModel network)
    {
        (_group, _transport) = (recipe.Group, recipe.Shared.GradientTransport);
        if (_group.IsAlone)
        {
            _buckets = [];
            return;
        }

        var isTrained = new HashSet<Parameter>(parameters, ReferenceEqualityComparer.Instance);
        (TransformerBlock Block, Parameter[] Parameters)[] blocks =
        [
            .. network.modules().OfType<TransformerBlock>().Reverse()
                .Select(block => (block, block.parameters().Where(isTrained.Contains).Reverse().ToArray())),
        ];
        var inBlocks = new HashSet<Parameter>(blocks.SelectMany(b => b.Parameters), ReferenceEqualityComparer.Instance);
        IEnumerable<Parameter> others = parameters.Reverse().Where(p => !inBlocks.Contains(p));
        _buckets = [.. GradientBucket.Fill(blocks.SelectMany(b => b.Parameters).Concat(others))];
        foreach ((TransformerBlock block, Parameter[] own) in blocks)
            _ofBlock[block] = [.. own.Select(p => _buckets.First(b => b.Parameters.Contains(p, ReferenceEqualityComparer.Instance)))];
        BlockCompleted = Complete;
    }

    /// <summary>To be told of blocks whose gradients are complete; null alone.</summary>
    public Action<TransformerBlock>? BlockCompleted { get; }

    /// <summary>How many buckets were started on the way back, of all.</summary>
    public (int Early, int All) Starts { get; private set; }

    /// <summary>Adds up a loss and the correct clips of a batch.</summary>
    public (double Loss, long? Correct) Sum(double loss, long? correct, double part)
    {
        if (_group.IsAlone)
            return (loss, correct);
        double[] numbers = [loss, (correct ?? 0) * part, correct is null ? 0 : 1];
        _group.Sum(numbers);
        return (numbers[0], numbers[2] > 0 ? (long)Math.Round(numbers[1]) : null);
    }

    /// <summary>Starts what has not been started; to be called by all before they exchange anything else.</summary>
    public void StartRest()
    {
        if (_group.IsAlone)
            return;
        Starts = (_started.Count, _buckets.Length);
        while (_started.Count < _buckets.Length)
            StartNext();
    }

    /// <summary>Replaces the gradients by those of the whole step.</summary>
    public void Finish()
    {
        if (_group.IsAlone)
            return;
        using IDisposable noGrad = no_grad();
        _isUsed ??= FindUsed();
        int first = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            _started[i].Wait();
            _buckets[i].Distribute(_isUsed.AsSpan(first));
            first += _buckets[i].Parameters.Length;
        }

        _started.Clear();
    }

    /// <summary>Lets go of a step that is not made; gradients stay as they are.</summary>
    public void Drop()
    {
        foreach (IPendingExchange exchange in _started)
            exchange.Wait();
        _started.Clear();
    }

    private void Complete(TransformerBlock block)
    {
        foreach (GradientBucket bucket in _ofBlock[block])
            bucket.Missing--;
        while (_started.Count < _buckets.Length && _buckets[_started.Count].Missing == 0)
            StartNext();
    }

    private void StartNext()
    {
        using IDisposable noGrad = no_grad();
        GradientBucket bucket = _buckets[_started.Count];
        bucket.Collect();
        _started.Add(_group.StartSum(bucket.Values, _transport));
    }

    /// <summary>A parameter that the loss does not depend on has no gradient anywhere, and stays without one: it is not to decay.</summary>
    private bool[] FindUsed()
    {
        double[] used = [.. _buckets.SelectMany(bucket => bucket.Parameters).Select(p => p.grad is null ? 0.0 : 1)];
        _group.Sum(used);
        return [.. used.Select(count => count > 0)];
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
