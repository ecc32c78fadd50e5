// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Initial weights: matrices, the patch embedding and the mask token from a normal distribution cut at two standard deviations, biases 0,
/// layer norms 1 and 0. Drawn from the generator given, on the CPU, in the order of the parameters.
/// </summary>
internal static class Initializer
{
    internal static void Initialize(
        nn.Module module, VideoMaeConfig config, Generator generator, double initScale, Func<string, bool>? which = null)
    {
        using var noGrad = no_grad();
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            if (which?.Invoke(name) ?? true)
                Initialize(name, parameter, config.InitializerRange, generator, initScale);
        }
    }

    /// <summary>A seed for a further generator, so that one seed decides everything.</summary>
    internal static ulong DrawSeed(Generator generator)
    {
        using var scope = NewDisposeScope();
        Tensor seed = empty(1, ScalarType.Int64, CPU).random_(0, 1L << 53, generator);
        return (ulong)seed.item<long>();
    }

    /// <summary>A generator nobody else uses, seeded at random.</summary>
    internal static Generator Unseeded() => new((ulong)Random.Shared.NextInt64());

    private static void Initialize(string name, Parameter parameter, double deviation, Generator generator, double initScale)
    {
        using var scope = NewDisposeScope();
        if (parameter.dim() < 2)
        {
            parameter.SetAll(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0); // Layer norms, biases.
            return;
        }

        Tensor values = TruncatedNormal(parameter.shape, deviation, generator);
        if (name == "classifier.weight")
            values.TimesInPlace(initScale);
        parameter.copy_(values);
    }

    // The inverse of the cumulative distribution, as torch.nn.init.trunc_normal_ does it; that one has no generator argument here.
    private static Tensor TruncatedNormal(long[] shape, double deviation, Generator generator)
    {
        const double Bound = 0.95449973610364158; // erf(2 / sqrt(2)): the share of values within two standard deviations
        double limit = 2 * deviation;
        return empty(shape, ScalarType.Float32, CPU)
            .uniform_(-Bound, Bound, generator)
            .erfinv_()
            .TimesInPlace(deviation * Math.Sqrt(2))
            .ClampInPlace(-limit, limit);
    }
}
