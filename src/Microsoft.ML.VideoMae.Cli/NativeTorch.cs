// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace VideoMaeCli;

/// <summary>
/// Asks for libtorch before TorchSharp does: where it is missing, TorchSharp writes its whole search to the standard output, and copies
/// half a gigabyte out of NuGet's cache if there is one.
/// </summary>
internal static class NativeTorch
{
    internal const string Advice =
        "Install the tool anew for this platform, or build it with -p:TorchBackend=cpu, cuda-linux or cuda-windows.";

    private static string FileName => OperatingSystem.IsWindows()
        ? "torch_cpu.dll"
        : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    /// <exception cref="DllNotFoundException">It is not there.</exception>
    public static void Check()
    {
        string folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        bool isBeside = folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(AppContext.BaseDirectory)
            .Any(folder => File.Exists(Path.Combine(folder, FileName)));
        // A build without it may use that of the system.
        if (!isBeside && !NativeLibrary.TryLoad("LibTorchSharp", typeof(TorchSharp.torch).Assembly, searchPath: null, out _))
            throw new DllNotFoundException($"libtorch ({FileName}) is not there.");
    }
}
