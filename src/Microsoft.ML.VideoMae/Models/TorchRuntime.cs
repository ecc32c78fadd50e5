// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>Loads libtorch once, with a message that helps where it is missing.</summary>
internal static partial class TorchRuntime
{
    /// <summary>The most that glibc accepts.</summary>
    private const int LargestMmapThreshold = 32 << 20;

    private const int KeptBytes = 512 << 20;

    /// <summary>More than glibc has in one piece for threads other than the first, 64 MB.</summary>
    private const int TopPad = 256 << 20;

    private static readonly Lazy<bool> s_loaded = new(Load);

    /// <summary>Makes sure that libtorch and its .NET binding are loaded.</summary>
    /// <exception cref="InvalidOperationException">They cannot be loaded; the message names the package to add.</exception>
    public static void EnsureLoaded() => _ = s_loaded.Value;

    private static bool Load()
    {
        // Idle OpenMP threads that spin steal the cores from video decoding. libgomp reads the C environment, once, when
        // torch loads; Environment.SetEnvironmentVariable does not reach it.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        KeepFreedMemory();
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            using torch.Tensor probe = torch.zeros(1, torch.ScalarType.Float32, torch.CPU);
            return true;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException
            or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new InvalidOperationException(MissingMessage(e.GetBaseException()), e);
        }
    }

    /// <summary>
    /// Every step frees tensors that the next one wants again. glibc returns what is large to the system each time, whose pages then have
    /// to be cleared anew. With glibc's own thresholds raised, a short pre-training run of a small model took 44 s of processor time
    /// instead of 49. Threads other than the first get memory in pieces of 64 MB, which go back to the system when they are empty, unless
    /// more than one is to be had in reserve. That is address space alone: pages come when they are written to.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int TrimThreshold = -1, TopPadding = -2, MmapThreshold = -3;
        try
        {
            if (OperatingSystem.IsLinux())
            {
                SetMallocOption(MmapThreshold, LargestMmapThreshold);
                SetMallocOption(TrimThreshold, KeptBytes);
                SetMallocOption(TopPadding, TopPad);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc.
        }
    }

    /// <summary>Gives memory back to the system that a run has freed.</summary>
    public static void GiveBackMemory()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                TrimMemory(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc.
        }
    }

    internal static string MissingMessage(Exception cause) =>
        $"The native libtorch library could not be loaded: {cause.Message.Split('\n')[0].Trim()} " +
        "Microsoft.ML.VideoMae leaves the choice of it to the application: add one of the packages " +
        "TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, version 0.107.0, to its project.";

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimMemory(nuint left);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
