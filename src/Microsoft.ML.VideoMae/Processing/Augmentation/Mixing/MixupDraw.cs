// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>How one clip is mixed with its partner.</summary>
/// <param name="Lambda">The share of the clip itself in its label; 1 leaves the clip alone.</param>
/// <param name="Box">The part that is replaced by the partner's (cutmix); null where all of both is blended (mixup).</param>
internal readonly record struct MixupDraw(double Lambda, CropWindow? Box)
{
    public static readonly MixupDraw None = new(1, null);
}
