// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>One test view: which frames, and which part of them.</summary>
/// <param name="Segment">The number of the stretch of time, from 0.</param>
/// <param name="Indices">Its frames.</param>
/// <param name="Crop">The number of the crop, from 0.</param>
/// <param name="CropPosition">
/// Where the crop lies along the frame's longer side: 0 is left or top, 0.5 the centre, 1 right or bottom.
/// </param>
public sealed record ClipView(int Segment, IReadOnlyList<int> Indices, int Crop, double CropPosition);
