// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>One packet of a video stream whose frame is shown.</summary>
/// <param name="Time">When its frame is shown, in seconds; NaN if the file does not say.</param>
/// <param name="DecodeTime">When it is to be decoded, in seconds, ascending within one recording; NaN if the file does not say.</param>
/// <param name="IsKey">Whether decoding can start here.</param>
internal readonly record struct Packet(double Time, double DecodeTime, bool IsKey);
