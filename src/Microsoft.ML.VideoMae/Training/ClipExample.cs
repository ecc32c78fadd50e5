// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One training example: a handle on a clip and its target.</summary>
/// <param name="Video">The clip; nothing is decoded yet.</param>
/// <param name="Target">The class, from 0, or the number to predict.</param>
/// <param name="Group">Clips of one group stay on one side of a split; null where nothing is known.</param>
/// <param name="Displacement">How what is seen moves, as <see cref="GeneratedClip.Displacement"/>; null where it is not known.</param>
internal readonly record struct ClipExample(MLVideo Video, float Target, string? Group = null, float[]? Displacement = null)
{
    /// <summary>The target as a class.</summary>
    public int ClassIndex => (int)Target;
}
