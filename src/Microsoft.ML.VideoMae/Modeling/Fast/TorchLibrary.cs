// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>The native library that TorchSharp has loaded, and what it was linked with: functions that TorchSharp does not bind.</summary>
internal static unsafe class TorchLibrary
{
    private static readonly Lazy<nint> s_data = new(() => Find("aoti_torch_get_data_ptr"));

    /// <summary>Whether <see cref="Data"/> is there.</summary>
    internal static bool GivesData => s_data.Value != 0;

    /// <summary>The system finds it by its name alone, since it is loaded already.</summary>
    private static string Name =>
        OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    /// <summary>Where the values of a tensor begin. TorchSharp gives no address of tensors with gaps, or with 16-bit numbers.</summary>
    internal static void* Data(Tensor tensor)
    {
        void* data;
        if (((delegate* unmanaged<nint, void**, int>)s_data.Value)(tensor.Handle, &data) != 0)
            throw new ExternalException("libtorch gave no address of a tensor; it has written why to standard error.");
        GC.KeepAlive(tensor);
        return data;
    }

    /// <summary>The address of a function; 0 where there is none of that name.</summary>
    internal static nint Find(string function)
    {
        InitializeDeviceType(TorchSharp.DeviceType.CPU);
        bool isThere = NativeLibrary.TryLoad(Name, out nint library);
        return isThere && NativeLibrary.TryGetExport(library, function, out nint address) ? address : 0;
    }
}
