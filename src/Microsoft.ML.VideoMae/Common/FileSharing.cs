// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae;

/// <summary>Tells files that another process holds from those that cannot be opened at all.</summary>
internal static class FileSharing
{
    /// <summary>Whether waiting may help. Windows: sharing or lock violation; Linux and macOS: EWOULDBLOCK.</summary>
    public static bool IsHeld(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult is 11 or 35;
}
