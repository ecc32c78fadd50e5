// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A lock between processes: a file that is held open. On Unix it is the flock that Hugging Face's own tools take.</summary>
internal static class HubLock
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock; dispose the result to release it. The file stays, since deleting it would let two processes in.</summary>
    public static async Task<IDisposable> AcquireAsync(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (FileSharing.IsHeld(e))
            {
                if (waited.Elapsed > timeout)
                {
                    throw new HubException(
                        HubError.Locked,
                        $"Another process has held '{path}' for {timeout}. If no download is running, delete the file; otherwise wait and try again.", e);
                }
            }

            await Task.Delay(s_poll, cancellationToken).ConfigureAwait(false);
        }
    }
}
