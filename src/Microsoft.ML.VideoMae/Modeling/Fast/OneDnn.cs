// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Linear layers by oneDNN, with what follows them in the same pass, which TorchSharp does not bind: they are reached through PyTorch's C
/// interface for compiled models (<c>aoti_torch_*</c>), whose handles are TorchSharp's. For inference only: nothing is recorded for
/// gradients.
/// </summary>
internal static unsafe class OneDnn
{
    private static readonly byte[] s_none = Encoding.UTF8.GetBytes("none\0");
    private static readonly byte[] s_gelu = Encoding.UTF8.GetBytes("gelu\0");
    private static readonly byte[] s_add = Encoding.UTF8.GetBytes("add\0");

    private static delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int> s_linear;
    private static delegate* unmanaged<nint, nint, nint, nint*, byte*, nint*, int> s_linearAdd;

    private static readonly Lazy<bool> s_works = new(() => Find() && Agrees());

    /// <summary>
    /// Whether the operators are there and pay: below AVX-512 oneDNN's products are slower than those of the library that libtorch takes
    /// otherwise.
    /// </summary>
    internal static bool IsWorthwhile => Avx512F.IsSupported && IsAvailable;

    /// <summary>
    /// Whether the operators are there and mean what they meant; a model's own layers are checked by <see cref="OperatorCheck"/>.
    /// </summary>
    internal static bool IsAvailable => s_works.Value;

    /// <summary>x W^T + b, with gelu after it on request; [..., inputs] to [..., outputs].</summary>
    internal static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, bool gelu)
    {
        CheckAvailable();
        nint result, biasHandle = bias?.Handle ?? 0;
        fixed (byte* attribute = gelu ? s_gelu : s_none, none = s_none)
        {
            byte* algorithm = none; // Of gelu: the exact one.
            Check(s_linear(x.Handle, weight.Handle, bias is null ? null : &biasHandle, attribute, null, 0, &algorithm, &result));
        }

        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return Tensor.UnsafeCreateTensor(result);
    }

    /// <summary>x W^T + b + other.</summary>
    internal static Tensor LinearAdd(Tensor x, Tensor other, Tensor weight, Tensor? bias)
    {
        CheckAvailable();
        nint result, biasHandle = bias?.Handle ?? 0;
        fixed (byte* attribute = s_add)
            Check(s_linearAdd(x.Handle, other.Handle, weight.Handle, bias is null ? null : &biasHandle, attribute, &result));
        GC.KeepAlive(x);
        GC.KeepAlive(other);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return Tensor.UnsafeCreateTensor(result);
    }

    private static void CheckAvailable()
    {
        if (s_linear is null && !IsAvailable)
            throw new ExternalException("The operators of oneDNN are not in this libtorch.");
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new ExternalException("An operator of oneDNN failed; libtorch has written why to standard error.");
    }

    private static bool Find()
    {
        nint linear = TorchLibrary.Find("aoti_torch_cpu__linear_pointwise"),
            linearAdd = TorchLibrary.Find("aoti_torch_cpu__linear_pointwise_binary");
        if (linear == 0 || linearAdd == 0)
            return false;
        s_linear = (delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int>)linear;
        s_linearAdd = (delegate* unmanaged<nint, nint, nint, nint*, byte*, nint*, int>)linearAdd;
        return true;
    }

    // Another version of libtorch may have the operators and mean something else by them.
    private static bool Agrees()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor x = SinusoidPositions.Table(4, 16).squeeze(0),
            weight = SinusoidPositions.Table(8, 16).squeeze(0),
            bias = SinusoidPositions.Table(1, 8).flatten();
        Tensor other = SinusoidPositions.Table(4, 8).squeeze(0),
            expected = nn.functional.linear(x, weight, bias);
        try
        {
            return Near(Linear(x, weight, bias, gelu: false), expected) && Near(Linear(x, weight, bias, gelu: true), expected.gelu())
                && Near(LinearAdd(x, other, weight, bias), expected.Plus(other));
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    private static bool Near(Tensor actual, Tensor expected) => actual.allclose(expected, 1e-4, 1e-4);
}
