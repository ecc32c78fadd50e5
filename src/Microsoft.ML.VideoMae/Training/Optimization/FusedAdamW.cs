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
/// AdamW with libtorch's fused operator, which updates a group of parameters in one pass over memory, where it gives what ordinary
/// operators give. Its state lies open, by parameter name, so that it can be saved.
/// </summary>
/// <remarks>The same arithmetic as PyTorch's <c>torch.optim.AdamW(fused=True)</c>; parameters without a gradient are left alone.</remarks>
internal sealed class FusedAdamW : IDisposable
{
    private readonly ParameterGroups _groups;
    private readonly Dictionary<string, (Tensor Average, Tensor Square)> _moments;
    private readonly Action<IReadOnlyList<AdamWRow>, AdamWNumbers> _update;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _eps;

    /// <param name="groups">What is trained.</param>
    /// <param name="beta1">The decay of the gradients' average.</param>
    /// <param name="beta2">The decay of their squares' average.</param>
    /// <param name="eps">Added to the root of the squares.</param>
    public FusedAdamW(ParameterGroups groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8)
    {
        _groups = groups;
        _beta1 = beta1;
        _beta2 = beta2;
        _eps = eps;
        using IDisposable noGrad = no_grad();
        _moments = groups.Named.ToDictionary(p => p.Name, p => (Zeros(p.Parameter), Zeros(p.Parameter)), StringComparer.Ordinal);
        Warning = FastPaths.AreOn && groups.Parameters.Count > 0 ? AdamWKernel.Check(groups.Parameters, AdamWKernel.Fused) : null;
        _update = FastPaths.AreOn && Warning is null ? AdamWKernel.Fused : AdamWKernel.Ordinary;
    }

    /// <summary>What a user has to be told of this optimizer; usually nothing.</summary>
    public string? Warning { get; }

    /// <summary>The number of updates so far.</summary>
    public long Steps { get; private set; }

    /// <summary>The averages by 'exp_avg.' or 'exp_avg_sq.' and the parameter's name; they belong to this object.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        _moments.SelectMany(m => new[] { ($"exp_avg.{m.Key}", m.Value.Average), ($"exp_avg_sq.{m.Key}", m.Value.Square) });

    /// <summary>The parameter that a name of <see cref="State"/> belongs to.</summary>
    public static string ParameterOf(string stateName) => stateName[(stateName.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>Goes on from a saved state.</summary>
    /// <param name="steps">The number of updates it has seen.</param>
    /// <param name="state">All that <see cref="State"/> gave.</param>
    public void Restore(long steps, Func<string, Tensor> state)
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor tensor) in State)
            tensor.copy_(state(name));
        Steps = steps;
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in _groups.Parameters)
            parameter.grad = null;
    }

    /// <summary>Updates all parameters that have a gradient.</summary>
    /// <param name="learningRate">The rate, before the groups' factors.</param>
    /// <param name="weightDecay">The decay of the groups that have one.</param>
    public void Step(double learningRate, double weightDecay)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Steps++;
        foreach (ParameterGroup group in _groups.Groups)
        {
            AdamWRow[] rows = [.. group.Named
                .Select(p => (p.Parameter, Gradient: p.Parameter.grad, Moments: _moments[p.Name]))
                .Where(p => p.Gradient is not null)
                .Select(p => new AdamWRow(p.Parameter, p.Gradient!, p.Moments.Average, p.Moments.Square))];
            if (rows.Length > 0)
                _update(rows, new AdamWNumbers(Steps, learningRate * group.Scale, _beta1, _beta2, group.HasDecay ? weightDecay : 0, _eps));
        }
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        foreach ((Tensor average, Tensor square) in _moments.Values)
        {
            average.Dispose();
            square.Dispose();
        }
    }

    private static Tensor Zeros(Parameter parameter) => zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
}
