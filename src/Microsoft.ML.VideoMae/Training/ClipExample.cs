// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One training example: a handle on a clip and its class.</summary>
/// <param name="Video">The clip; nothing is decoded yet.</param>
/// <param name="ClassIndex">The class, from 0.</param>
internal readonly record struct ClipExample(MLVideo Video, int ClassIndex);
