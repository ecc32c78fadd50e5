// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>Chooses the device that a model runs on.</summary>
internal static class TorchDevice
{
    /// <summary>Chooses a device, and says why.</summary>
    /// <param name="env">Says which device is wanted, unless the next two do.</param>
    /// <param name="channel">Gets the sentence.</param>
    /// <param name="gpuDeviceId">The index of the CUDA device asked for.</param>
    /// <param name="fallbackToCpu">Whether the CPU may be used where that device does not exist.</param>
    /// <exception cref="InvalidOperationException">The GPU does not exist and the CPU may not be used.</exception>
    public static torch.Device Select(IHostEnvironment env, IChannel channel, int? gpuDeviceId = null, bool? fallbackToCpu = null)
    {
        TorchRuntime.EnsureLoaded();
        var environment = (IHostEnvironmentInternal)env;
        int cudaDevices = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        (int? index, string reason) = Choose(
            gpuDeviceId ?? environment.GpuDeviceId, fallbackToCpu ?? environment.FallbackToCpu, cudaDevices);
        channel.Info(reason);
        return index is int id ? torch.device(DeviceType.CUDA, id) : torch.CPU;
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
