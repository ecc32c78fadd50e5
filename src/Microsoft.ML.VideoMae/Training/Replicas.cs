// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// A network and replicas of it, which threads train with side by side. They share the weights. Each adds up gradients of its own, and
/// these are added in the order of the replicas: which thread is done first does not change the sum.
/// </summary>
/// <param name="network">The network; it stays its owner's.</param>
/// <param name="parameters">What is trained of it.</param>
internal sealed class Replicas(VideoMaePreTrainedModel network, IReadOnlyList<(string Name, Parameter Parameter)> parameters) : IDisposable
{
    private const long LargestBytes = 512 << 20;

    private readonly List<(VideoMaePreTrainedModel Network, Parameter[] Parameters)> _others = [];

    /// <summary>The most threads whose gradients are at hand at the same time; those of all but one take memory besides the network's.</summary>
    public int MostThreads { get; } =
        1 + (int)Math.Min(1000, LargestBytes / Math.Max(1, sizeof(float) * parameters.Sum(p => p.Parameter.numel())));

    /// <summary>Works in several threads, each with a network; then all gradients are the network's own.</summary>
    /// <param name="threads">The number of threads.</param>
    /// <param name="work">Is told the number of its thread, from 0, and its network.</param>
    public void Run(int threads, Action<int, VideoMaePreTrainedModel> work)
    {
        while (_others.Count + 1 < threads)
            _others.Add(Replicate());
        SideBySide.Run(threads, thread => work(thread, thread == 0 ? network : _others[thread - 1].Network));
        AddGradients();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((VideoMaePreTrainedModel other, _) in _others)
            other.Dispose();
    }

    private (VideoMaePreTrainedModel Network, Parameter[] Parameters) Replicate()
    {
        VideoMaePreTrainedModel replica = network.Replicate();
        Dictionary<string, Parameter> named = replica.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        return (replica, [.. parameters.Select(p => named[p.Name])]);
    }

    private void AddGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((_, Parameter[] others) in _others)
        {
            foreach (((_, Parameter own), Parameter other) in parameters.Zip(others))
            {
                if (other.grad is not Tensor gradient)
                    continue;
                if (own.grad is Tensor sum)
                    sum.PlusInPlace(gradient);
                else
                    own.grad = gradient;
                other.grad = null;
            }
        }
    }
}
