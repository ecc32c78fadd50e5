// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>The two kinds of checksum the hub names contents by: SHA-256 for large files, git's SHA-1 of a blob for the others.</summary>
internal static class HubChecksum
{
    private const int Sha256Digits = 64;
    private const int GitDigits = 40;

    /// <summary>Whether the length and digits of a name say which checksum it is.</summary>
    public static bool CanVerify(string hash) => hash.Length is Sha256Digits or GitDigits && !hash.AsSpan().ContainsAnyExcept("0123456789abcdef");

    /// <summary>The checksum of a file, of the kind of <paramref name="like"/>, in lower-case digits.</summary>
    public static async Task<string> ComputeAsync(string path, string like, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(like.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        if (like.Length == GitDigits)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        var buffer = new byte[1 << 18];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
