// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>A linear layer for inference, with what follows it in a transformer block.</summary>
internal abstract class FastLinear : IDisposable
{
    /// <summary>A layer by libtorch's ordinary operators, or by oneDNN as long as it gives the same.</summary>
    /// <param name="name">What messages call the layer.</param>
    /// <param name="weight">[outputs, inputs], in the type to compute in. The layer shares its memory.</param>
    /// <param name="bias">[outputs]; null for none.</param>
    /// <param name="oneDnn">Compares oneDNN's results with the ordinary ones; null where oneDNN is not to be used.</param>
    internal static FastLinear Create(string name, Tensor weight, Tensor? bias, OperatorCheck? oneDnn)
    {
        var ordinary = new Ordinary(weight, bias);
        return oneDnn is null ? ordinary : new CheckedLinear(name, new ByOneDnn(weight, bias), ordinary, oneDnn);
    }

    /// <summary>A layer of a model, in another type or in its own, where the memory is shared.</summary>
    internal static FastLinear Create(string name, Dense layer, ScalarType type, OperatorCheck? oneDnn)
    {
        using DisposeScope scope = NewDisposeScope();
        return Create(name, layer.Matrix.detach().to(type), layer.Bias?.detach().to(type), oneDnn);
    }

    /// <summary>[..., inputs] to [..., outputs].</summary>
    internal abstract Tensor Forward(Tensor x);

    /// <summary>The exact gelu of the outputs.</summary>
    internal abstract Tensor ForwardGelu(Tensor x);

    /// <summary>The outputs plus what flows past the layer, in 32 bits; the latter may be overwritten.</summary>
    internal abstract Tensor ForwardAdd(Tensor x, Tensor residual);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Ordinary(Tensor weight, Tensor? bias) : FastLinear
    {
        private readonly Tensor _weight = weight.alias().DetachFromDisposeScope();
        private readonly Tensor? _bias = bias?.alias().DetachFromDisposeScope();

        internal override Tensor Forward(Tensor x) => nn.functional.linear(x, _weight, _bias);

        internal override Tensor ForwardGelu(Tensor x) => Forward(x).gelu_();

        internal override Tensor ForwardAdd(Tensor x, Tensor residual)
        {
            if (x.dtype != residual.dtype)
                return residual.PlusInPlace(Forward(x));
            if (_bias is not null)
                residual.PlusInPlace(_bias);
            // The product's sums start from the residual.
            residual.view(-1, residual.shape[^1]).addmm_(x.flatten(0, -2), _weight.t(), 1, 1);
            return residual;
        }

        public override void Dispose()
        {
            _weight.Dispose();
            _bias?.Dispose();
        }
    }

    private sealed class ByOneDnn(Tensor weight, Tensor? bias) : FastLinear
    {
        private readonly Tensor _weight = weight.alias().DetachFromDisposeScope();
        private readonly Tensor? _bias = bias?.alias().DetachFromDisposeScope();

        internal override Tensor Forward(Tensor x) => OneDnn.Linear(x, _weight, _bias, gelu: false);

        internal override Tensor ForwardGelu(Tensor x) => OneDnn.Linear(x, _weight, _bias, gelu: true);

        internal override Tensor ForwardAdd(Tensor x, Tensor residual) =>
            x.dtype == residual.dtype ? OneDnn.LinearAdd(x, residual, _weight, _bias) : residual.PlusInPlace(Forward(x));

        public override void Dispose()
        {
            _weight.Dispose();
            _bias?.Dispose();
        }
    }
}
