// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// A fast layer that is believed only after it was compared with the ordinary one: on the first clip, with the model's own weights, for the
/// number of rows at hand, since operators choose another kernel for another number. Where they differ, the ordinary layer takes over.
/// </summary>
/// <param name="name">What messages call the layer.</param>
/// <param name="fast">The fast layer; disposed of with this one.</param>
/// <param name="ordinary">The ordinary layer; disposed of with this one.</param>
/// <param name="check">Compares, and notes.</param>
internal sealed class CheckedLinear(string name, FastLinear fast, FastLinear ordinary, OperatorCheck check) : FastLinear
{
    private readonly ConcurrentDictionary<long, bool> _agrees = [];

    private delegate Tensor Operation(FastLinear layer, Tensor x, Tensor? residual);

    /// <inheritdoc/>
    internal override Tensor Forward(Tensor x) => Run(static (layer, x, _) => layer.Forward(x), x, null);

    /// <inheritdoc/>
    internal override Tensor ForwardGelu(Tensor x) => Run(static (layer, x, _) => layer.ForwardGelu(x), x, null);

    /// <inheritdoc/>
    internal override Tensor ForwardAdd(Tensor x, Tensor residual) =>
        Run(static (layer, x, residual) => layer.ForwardAdd(x, residual!), x, residual);

    /// <inheritdoc/>
    public override void Dispose()
    {
        fast.Dispose();
        ordinary.Dispose();
    }

    private Tensor Run(Operation operation, Tensor x, Tensor? residual)
    {
        long rows = x.numel() / x.shape[^1];
        return _agrees.TryGetValue(rows, out bool agrees)
            ? operation(agrees ? fast : ordinary, x, residual)
            : RunFirst(operation, x, residual, rows);
    }

    /// <summary>Three rows are compared: the weights, which are what takes time to read, are in the cache still.</summary>
    private Tensor RunFirst(Operation operation, Tensor x, Tensor? residual, long rows)
    {
        using DisposeScope scope = NewDisposeScope();
        // What flows past may be overwritten, and is needed again where the fast layer is wrong.
        Tensor? fewOfResidual = residual is null ? null : OperatorCheck.FewRows(residual), copy = residual?.clone();
        Tensor? actual;
        try
        {
            actual = operation(fast, x, copy);
        }
        catch (ExternalException)
        {
            actual = null;
        }

        Tensor expected = operation(ordinary, OperatorCheck.FewRows(x), fewOfResidual);
        bool agrees = check.Agree(name, x.dtype, actual is null ? null : OperatorCheck.FewRows(actual), expected);
        _agrees[rows] = agrees;
        Tensor result = agrees ? actual! : operation(ordinary, x, residual);
        return ReferenceEquals(result, residual) ? result : result.MoveToOuterDisposeScope();
    }
}
