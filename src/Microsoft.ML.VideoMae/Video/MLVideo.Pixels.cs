// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <content>A clip that went through an image processor already: what a column of pixel values holds.</content>
public sealed partial class MLVideo
{
    /// <summary>Normalised pixel values, [T, C, H, W]; null where there are frames to process still.</summary>
    internal float[]? PixelValues { get; private init; }

    internal static MLVideo CreateFromPixelValues(float[] pixelValues, string name) =>
        new(name, null, default, null) { PixelValues = pixelValues };
}
