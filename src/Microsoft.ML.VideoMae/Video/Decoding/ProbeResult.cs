// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>What ffprobe says about the first video stream of a file.</summary>
/// <param name="Metadata">The stream.</param>
/// <param name="Index">When the frames are shown, and where decoding can start.</param>
internal sealed record ProbeResult(VideoMetadata Metadata, PacketIndex Index);
