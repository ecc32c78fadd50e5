// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>How far the download of one file is.</summary>
/// <param name="ModelId">The repository, <c>org/name</c>.</param>
/// <param name="File">The file's name in the repository.</param>
/// <param name="BytesDone">The bytes there are, those of an earlier, interrupted download included.</param>
/// <param name="BytesTotal">The size of the file, or null where the server does not say.</param>
public readonly record struct HubProgress(string ModelId, string File, long BytesDone, long? BytesTotal);
