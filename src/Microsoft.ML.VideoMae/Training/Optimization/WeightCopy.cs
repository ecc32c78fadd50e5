// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>A copy of the trained parameters: the best so far, or a moving average of them.</summary>
internal sealed class WeightCopy : IDisposable
{
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly Tensor[] _copies;

    /// <param name="parameters">What is copied.</param>
    public WeightCopy(IReadOnlyList<(string Name, Parameter Parameter)> parameters)
    {
        _parameters = parameters;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _copies = [.. parameters.Select(p => p.Parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>The copies by name; they belong to this object.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Tensors => _parameters.Select((p, i) => (p.Name, _copies[i]));

    /// <summary>Copies the parameters as they are.</summary>
    public void Take() => ForEach((copy, parameter) => copy.copy_(parameter));

    /// <summary>Moves towards the parameters: copy = decay * copy + (1 - decay) * parameter.</summary>
    public void Average(double decay) => ForEach((copy, parameter) => copy.MoveTowards(parameter, 1 - decay));

    /// <summary>Puts the copies into the parameters.</summary>
    public void Give() => ForEach((copy, parameter) => parameter.copy_(copy));

    /// <summary>Exchanges copies and parameters.</summary>
    public void Swap() => ForEach((copy, parameter) =>
    {
        Tensor present = parameter.clone();
        parameter.copy_(copy);
        copy.copy_(present);
    });

    /// <summary>Takes saved copies.</summary>
    /// <param name="state">The tensors by name.</param>
    public void Restore(Func<string, Tensor> state)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor copy) in Tensors)
            copy.copy_(state(name));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor copy in _copies)
            copy.Dispose();
    }

    private void ForEach(Action<Tensor, Tensor> action)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < _copies.Length; i++)
            action(_copies[i], _parameters[i].Parameter.detach());
    }
}
