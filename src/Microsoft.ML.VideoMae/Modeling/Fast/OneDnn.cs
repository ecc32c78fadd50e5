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
/// Linear layers by oneDNN with weights in its own order, which TorchSharp does not bind: they are reached through PyTorch's C interface for compiled
/// models (<c>aoti_torch_*</c>), whose handles are TorchSharp's. For inference only: nothing is recorded for gradients.
/// </summary>
internal static unsafe class OneDnn
{
    private static readonly byte[] s_reorder = Encoding.UTF8.GetBytes("mkldnn::_reorder_linear_weight\0");
    private static readonly byte[] s_empty = [0];
    private static readonly byte[] s_none = Encoding.UTF8.GetBytes("none\0");
    private static readonly byte[] s_gelu = Encoding.UTF8.GetBytes("gelu\0");
    private static readonly byte[] s_add = Encoding.UTF8.GetBytes("add\0");

    private static delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int> s_linear;
    private static delegate* unmanaged<nint, nint, nint, nint*, byte*, nint*, int> s_linearAdd;
    private static delegate* unmanaged<byte*, byte*, ulong*, int> s_dispatch;
    private static delegate* unmanaged<nint, nint*, int> s_newHandle;

    private static readonly Lazy<bool> s_works = new(() => Find() && Agrees());

    /// <summary>
    /// Whether the operators are there and pay: below AVX-512 oneDNN's products are slower than those of the library that libtorch takes otherwise.
    /// </summary>
    internal static bool IsWorthwhile => Avx512F.IsSupported && IsAvailable;

    /// <summary>Whether the operators are there and give what libtorch's linear layer gives.</summary>
    internal static bool IsAvailable => s_works.Value;

    /// <summary>A weight, [outputs, inputs], in oneDNN's order: only <see cref="Linear"/> and <see cref="LinearAdd"/> can read it.</summary>
    internal static Tensor Pack(Tensor weight)
    {
        nint handle; // The operator takes this one over.
        Check(s_newHandle(weight.Handle, &handle));
        ulong* stack = stackalloc ulong[2];
        stack[0] = (ulong)handle;
        stack[1] = 0; // No batch size.
        fixed (byte* name = s_reorder, overload = s_empty)
            Check(s_dispatch(name, overload, stack));
        GC.KeepAlive(weight);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    /// <summary>x W^T + b, with gelu after it on request; [..., inputs] to [..., outputs].</summary>
    internal static Tensor Linear(Tensor x, Tensor packed, Tensor? bias, bool gelu)
    {
        nint result, biasHandle = bias?.Handle ?? 0;
        fixed (byte* attribute = gelu ? s_gelu : s_none, none = s_none)
        {
            byte* algorithm = none; // Of gelu: the exact one.
            Check(s_linear(x.Handle, packed.Handle, bias is null ? null : &biasHandle, attribute, null, 0, &algorithm, &result));
        }

        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        GC.KeepAlive(bias);
        return Tensor.UnsafeCreateTensor(result);
    }

    /// <summary>x W^T + b + other.</summary>
    internal static Tensor LinearAdd(Tensor x, Tensor other, Tensor packed, Tensor? bias)
    {
        nint result, biasHandle = bias?.Handle ?? 0;
        fixed (byte* attribute = s_add)
            Check(s_linearAdd(x.Handle, other.Handle, packed.Handle, bias is null ? null : &biasHandle, attribute, &result));
        GC.KeepAlive(x);
        GC.KeepAlive(other);
        GC.KeepAlive(packed);
        GC.KeepAlive(bias);
        return Tensor.UnsafeCreateTensor(result);
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new ExternalException("An operator of oneDNN failed; libtorch has written why to standard error.");
    }

    private static bool Find()
    {
        // Loaded already: the system finds it by its name alone.
        string name = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
        if (!NativeLibrary.TryLoad(name, out nint library)
            || !NativeLibrary.TryGetExport(library, "aoti_torch_cpu__linear_pointwise", out nint linear)
            || !NativeLibrary.TryGetExport(library, "aoti_torch_cpu__linear_pointwise_binary", out nint linearAdd)
            || !NativeLibrary.TryGetExport(library, "aoti_torch_call_dispatcher", out nint dispatch)
            || !NativeLibrary.TryGetExport(library, "aoti_torch_new_tensor_handle", out nint newHandle))
            return false;
        s_linear = (delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int>)linear;
        s_linearAdd = (delegate* unmanaged<nint, nint, nint, nint*, byte*, nint*, int>)linearAdd;
        s_dispatch = (delegate* unmanaged<byte*, byte*, ulong*, int>)dispatch;
        s_newHandle = (delegate* unmanaged<nint, nint*, int>)newHandle;
        return true;
    }

    // Another version of libtorch may have the operators and mean something else by them.
    private static bool Agrees()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor x = SinusoidPositions.Table(4, 16).squeeze(0), weight = SinusoidPositions.Table(8, 16).squeeze(0), bias = SinusoidPositions.Table(1, 8).flatten();
        Tensor other = SinusoidPositions.Table(4, 8).squeeze(0), expected = nn.functional.linear(x, weight, bias);
        try
        {
            Tensor packed = Pack(weight);
            return Near(Linear(x, packed, bias, gelu: false), expected) && Near(Linear(x, packed, bias, gelu: true), expected.gelu())
                && Near(LinearAdd(x, other, packed, bias), expected.Plus(other));
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    private static bool Near(Tensor actual, Tensor expected) => actual.allclose(expected, 1e-4, 1e-4);
}
