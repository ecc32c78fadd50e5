// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Chooses the device that a model runs on.</summary>
internal static class TorchDevice
{
    /// <summary>Chooses a device.</summary>
    /// <param name="gpuDeviceId">The index of the CUDA device asked for; null asks for the CPU.</param>
    /// <param name="fallbackToCpu">Whether the CPU may be used where that device does not exist.</param>
    /// <returns>The device, and the sentence that the log gets.</returns>
    /// <exception cref="InvalidOperationException">The GPU does not exist and the CPU may not be used.</exception>
    public static (torch.Device Device, string Reason) Select(int? gpuDeviceId, bool fallbackToCpu)
    {
        TorchRuntime.EnsureLoaded();
        (int? index, string reason) = Choose(gpuDeviceId, fallbackToCpu, torch.cuda.is_available() ? torch.cuda.device_count() : 0);
        return (index is int id ? torch.device(DeviceType.CUDA, id) : torch.CPU, reason);
    }

    /// <summary>The index of the CUDA device to use, or null for the CPU.</summary>
    internal static (int? Index, string Reason) Choose(int? gpuDeviceId, bool fallbackToCpu, int cudaDevices)
    {
        if (gpuDeviceId is not int id)
            return (null, "Running on the CPU; set GpuDeviceId to use a GPU.");
        if (id >= 0 && id < cudaDevices)
            return (id, $"Running on CUDA device {id} of {cudaDevices}.");

        string found = cudaDevices == 0
            ? "no CUDA device was found (is a TorchSharp-cuda package referenced?)"
            : $"only the devices 0 to {cudaDevices - 1} exist";
        if (!fallbackToCpu)
        {
            throw new InvalidOperationException(
                $"GpuDeviceId {id} was asked for, but {found}. Choose another device, or set FallbackToCpu to true.");
        }

        return (null, $"GpuDeviceId {id} was asked for, but {found}: falling back to the CPU.");
    }
}
