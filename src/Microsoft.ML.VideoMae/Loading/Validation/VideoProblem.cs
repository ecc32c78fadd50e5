// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>A video of a data set that cannot be read.</summary>
/// <param name="Row">The row of the data, from 0.</param>
/// <param name="Video">The video's path or name.</param>
/// <param name="Error">The kind of problem.</param>
/// <param name="Reason">What was found, and what to do about it.</param>
public sealed record VideoProblem(long Row, string Video, VideoReadError Error, string Reason);
