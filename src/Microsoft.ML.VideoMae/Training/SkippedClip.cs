// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>A clip that could not be read.</summary>
/// <param name="Index">Its place in the data set.</param>
/// <param name="Video">The video.</param>
/// <param name="Error">What kind of error it was.</param>
/// <param name="Reason">What was found.</param>
internal sealed record SkippedClip(int Index, string Video, VideoReadError Error, string Reason);
