// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Names a run by all that decides its result, so that a state is only ever picked up by the same run: the same settings, the same clips in
/// the same order. The folds of a cross-validation have different names too.
/// </summary>
internal static class RunFingerprint
{
    private const int NameBytes = 8;

    /// <summary>A short name for a folder.</summary>
    /// <param name="parts">Texts that differ where runs differ.</param>
    public static string Compute(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, NameBytes));
    }
}
