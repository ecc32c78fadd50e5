// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Files of torch.save, in the zip format and in the older one, told apart by their first bytes.</summary>
internal static class TorchCheckpoint
{
    internal static CheckpointFile Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            int first = stream.ReadByte(), second = stream.ReadByte();
            stream.Position = 0;
            return (first, second) switch
            {
                ('P', 'K') => TorchZipFile.Open(path, stream),
                (0x80, _) => TorchLegacyFile.Open(path, stream),
                _ => throw new InvalidDataException("it begins like neither of PyTorch's formats"),
            };
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or OverflowException or ArgumentException or NotSupportedException or IOException)
        {
            stream.Dispose();
            string reason = exception is EndOfStreamException ? "it ends early" : exception.Message.TrimEnd('.');
            throw new InvalidDataException($"'{path}' cannot be read as a PyTorch checkpoint: {reason}.", exception);
        }
    }
}
