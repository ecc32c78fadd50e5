// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// The part of a source frame that is resized, in source pixels; edges may lie between pixels, as in Pillow's <c>box</c>.
/// </summary>
internal readonly record struct ResizeBox(float Left, float Top, float Right, float Bottom)
{
    public static ResizeBox Whole(int height, int width) => new(0, 0, width, height);
}
