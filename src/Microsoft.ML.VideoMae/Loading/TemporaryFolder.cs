// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Where temporary files go: the folder that <see cref="MLContext.TempFilePath"/> names.</summary>
internal static class TemporaryFolder
{
    /// <summary>The folder; null is the system's.</summary>
    public static string? Of(IHostEnvironment env) => env is IHostEnvironmentInternal { TempFilePath: { Length: > 0 } folder }
        ? folder
        : null;

    /// <summary>A new folder in it, which the caller deletes.</summary>
    public static string Create(string? folder, string prefix)
    {
        if (folder is null)
            return Directory.CreateTempSubdirectory(prefix).FullName;
        return Directory.CreateDirectory(Path.Combine(folder, $"{prefix}{Path.GetRandomFileName()}")).FullName;
    }
}
