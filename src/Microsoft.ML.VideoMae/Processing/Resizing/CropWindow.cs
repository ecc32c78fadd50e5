// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// A window of Height x Width whose upper left corner lies at (Top, Left) of an image; what lies outside the image is zero.
/// </summary>
internal readonly record struct CropWindow(int Top, int Left, int Height, int Width)
{
    /// <summary>The centre crop of an image under the rule of a back end.</summary>
    public static CropWindow Center(int imageHeight, int imageWidth, int height, int width, ProcessorBackend backend) =>
        new(Offset(imageHeight, height, backend), Offset(imageWidth, width, backend), height, width);

    /// <summary>The part of the window that lies inside an image.</summary>
    public CropWindow Inside(int imageHeight, int imageWidth)
    {
        int top = Math.Max(Top, 0);
        int left = Math.Max(Left, 0);
        return new CropWindow(top, left, Math.Min(Top + Height, imageHeight) - top, Math.Min(Left + Width, imageWidth) - left);
    }

    // A negative offset is padding before the image: numpy's rule pads the larger half before, torchvision's the smaller.
    private static int Offset(int image, int crop, ProcessorBackend backend)
    {
        int slack = image - crop;
        if (backend == ProcessorBackend.Pillow)
            return slack >> 1;
        if (slack < 0)
            return -(-slack / 2);
        return backend == ProcessorBackend.Torchvision ? slack / 2 : (int)Math.Round(slack / 2.0, MidpointRounding.ToEven);
    }
}

/// <summary>
/// The part of a source frame that is resized, in source pixels; edges may lie between pixels, as in Pillow's <c>box</c>.
/// </summary>
internal readonly record struct ResizeBox(float Left, float Top, float Right, float Bottom)
{
    public static ResizeBox Whole(int height, int width) => new(0, 0, width, height);
}
