// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae;

/// <summary>Where temporary files go: the folder that <see cref="MLContext.TempFilePath"/> names.</summary>
internal static class TemporaryFiles
{
    /// <summary>The folder; null is the system's.</summary>
    public static string? FolderOf(IHostEnvironment env) =>
        env is IHostEnvironmentInternal { TempFilePath: { Length: > 0 } folder } ? folder : null;
}
