// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Arithmetic of tensors with numbers. TorchSharp's operators make a temporary <see cref="Scalar"/> of a number (and of the factor 1 in a
/// sum of tensors) and let go of it before native code has read it: a garbage collection at that moment frees it, and a long run ends in a
/// native error. Here it lives until the call returns. A test makes sure that nothing else in this assembly passes numbers to tensors.
/// </summary>
internal static class KeptScalars
{
    private static readonly Scalar s_one = 1;

    /// <summary>A number that lives until it is disposed.</summary>
    public static Scalar Make(double number) => number;

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, s_one);

    /// <summary>x += y.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, s_one);

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, double number) => With(number, scalar => x.add(scalar));

    /// <summary>x * number.</summary>
    public static Tensor Times(this Tensor x, double number) => With(number, scalar => x.mul(scalar));

    /// <summary>x / number.</summary>
    public static Tensor Over(this Tensor x, double number) => With(number, scalar => x.div(scalar));

    /// <summary>x to the power of 2.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>Whether each value is above a number.</summary>
    public static Tensor IsAbove(this Tensor x, double number) => With(number, scalar => x.gt(scalar));

    /// <summary>Whether each value is a number.</summary>
    public static Tensor Is(this Tensor x, double number) => With(number, scalar => x.eq(scalar));

    /// <summary>Whether each value is another number.</summary>
    public static Tensor IsOtherThan(this Tensor x, double number) => With(number, scalar => x.ne(scalar));

    /// <summary>The rest of a division.</summary>
    public static Tensor Modulo(this Tensor x, long number) => With(number, scalar => x.remainder(scalar));

    /// <summary>Multiplies in place.</summary>
    public static Tensor TimesInPlace(this Tensor x, double number) => With(number, scalar => x.mul_(scalar));

    /// <summary>Divides in place.</summary>
    public static Tensor OverInPlace(this Tensor x, double number) => With(number, scalar => x.div_(scalar));

    /// <summary>Moves towards another tensor in place: x + weight * (end - x).</summary>
    public static Tensor MoveTowards(this Tensor x, Tensor end, double weight) => With(weight, scalar => x.add_(end.sub(x), scalar));

    /// <summary>Sets all values.</summary>
    public static Tensor SetAll(this Tensor x, double number) => With(number, scalar => x.fill_(scalar));

    /// <summary>Bounds in place.</summary>
    public static Tensor ClampInPlace(this Tensor x, double smallest, double largest) =>
        With(smallest, min => With(largest, max => x.clamp_(min, max)));

    /// <summary>A tensor on the CPU with one value everywhere.</summary>
    public static Tensor Filled(long[] shape, double value, ScalarType type) => With(value, scalar => full(shape, scalar, type, CPU));

    /// <summary>0, 1, ..., length - 1.</summary>
    public static Tensor Range(long length, Device device) => With(length, stop => arange(stop, ScalarType.Int64, device));

    private static Tensor With(double number, Func<Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(scalar);
    }

    // A whole number stays one: integers divided by it stay integers.
    private static Tensor With(long number, Func<Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(scalar);
    }
}
