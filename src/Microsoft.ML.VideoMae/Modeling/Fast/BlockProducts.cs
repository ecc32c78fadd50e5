// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// The linear layers of blocks in training where oneDNN multiplies faster than libtorch: outputs, gradients of inputs and gradients of
/// weights are products of oneDNN's. libtorch records nothing of them. A <see cref="BackwardPass"/> goes through them on its way.
/// </summary>
/// <param name="way">The way back of the model whose blocks these are.</param>
/// <param name="products">Multiplies.</param>
internal sealed class BlockProducts(BackwardPass way, CheckedProducts products)
{
    /// <summary>What multiplies.</summary>
    internal CheckedProducts Products => products;

    /// <summary>residual + mask (x W^T + b), [..., inputs] to [..., outputs]; the graph begins anew there.</summary>
    /// <param name="x">[..., inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs]; null for none.</param>
    /// <param name="residual">What flows past the layer, [..., outputs]; null for nothing.</param>
    /// <param name="mask">What dropout leaves, of a shape that broadcasts to the outputs'; null for everything.</param>
    internal Tensor Linear(Tensor x, Tensor weight, Tensor? bias, Tensor? residual = null, Tensor? mask = null)
    {
        Tensor result;
        using (IDisposable noGrad = no_grad())
        {
            result = products.Multiply(ProductUse.Outputs, x, weight, bias);
            if (mask is not null)
                result.mul_(mask);
            if (residual is not null)
                result.PlusInPlace(residual);
        }

        bool isRecorded = is_grad_enabled()
            && (x.requires_grad || weight.requires_grad || bias is { requires_grad: true } || residual is { requires_grad: true });
        if (!isRecorded)
            return result;
        result.DetachFromDisposeScope().requires_grad = true;
        way.Add(new Piece(products, result, Keep(x)!, Keep(weight)!, Keep(bias), Keep(residual), mask?.DetachFromDisposeScope()));
        return result.alias();
    }

    /// <summary>Says what was found to be wrong since the last call; usually nothing.</summary>
    internal void Report() => products.Report();

    private static Tensor? Keep(Tensor? x) => x?.alias().DetachFromDisposeScope();

    /// <summary>From the outputs of a layer to what they were computed of.</summary>
    private sealed class Piece(
        CheckedProducts products, Tensor result, Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor? mask) : BackwardPiece
    {
        private readonly List<Tensor> _ends = [];
        private readonly List<Tensor> _gradients = [];

        internal override void Run(Action<TransformerBlock> passed)
        {
            using DisposeScope scope = NewDisposeScope();
            if (result.grad is not Tensor gradient)
                return; // The loss has nothing to do with it.
            using (IDisposable noGrad = no_grad())
            {
                Tensor masked = mask is null ? gradient : gradient.mul(mask);
                Tensor rows = masked.flatten(0, -2);                        // [rows, outputs]
                Give(residual, () => gradient);
                Give(bias, () => rows.sum([0]));
                Give(x, () => products.Multiply(ProductUse.GradientOfInputs, masked, weight.t()));
                Give(weight, () => products.Multiply(ProductUse.GradientOfWeights, rows.t(), x.flatten(0, -2).t()));
            }

            autograd.backward(_ends, _gradients);
        }

        public override void Dispose()
        {
            foreach (Tensor? tensor in (Tensor?[])[result, x, weight, bias, residual, mask])
                tensor?.Dispose();
        }

        private void Give(Tensor? end, Func<Tensor> gradient)
        {
            if (end is not { requires_grad: true })
                return;
            _ends.Add(end);
            _gradients.Add(gradient());
        }
    }
}
