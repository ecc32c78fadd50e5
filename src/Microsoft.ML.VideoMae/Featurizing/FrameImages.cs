// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>The images of a video: how many frames, how each is cut, and the size of the images.</summary>
/// <param name="Frames">The number of frames, spread evenly over the video.</param>
/// <param name="Cells">How a frame is cut.</param>
/// <param name="Height">The height of an image in pixels; 0 leaves the video's own.</param>
/// <param name="Width">The width of an image in pixels; 0 leaves the video's own.</param>
internal readonly record struct FrameImages(int Frames, FrameCells Cells, int Height, int Width)
{
    private const int LongestSide = 1024;

    // ffmpeg makes larger frames smaller while it decodes: two pixels for each one of an image are enough for the mean of an area.
    private const int Detail = 2;

    /// <summary>The number of images of a frame.</summary>
    public int CellCount => Across * Across;

    /// <summary>Whether images have a size of their own.</summary>
    public bool IsScaled => Height > 0;

    /// <summary>The shorter side that frames are decoded with; null for their own.</summary>
    public int? MaxShortSide => IsScaled ? Detail * Across * Math.Max(Height, Width) : null;

    /// <summary>The dimensions of what a vector for each image gives: the mean over time, and the mean change.</summary>
    public int[] Dimensions(int length) => CellCount == 1 ? [2, length] : [2, CellCount, length];

    private int Across => Cells == FrameCells.TwoByTwo ? 2 : 1;

    /// <summary>Notes what is not allowed.</summary>
    public static void Check(OptionProblems problems, int frames, FrameCells cells, int? height, int? width) => problems
        .Positive("NumFrames", frames)
        .Defined("Cells", cells)
        .Require(height is null or (> 0 and <= LongestSide), "ImageHeight", height, $"has to be from 1 to {LongestSide}, or null")
        .Require(width is null or (> 0 and <= LongestSide), "ImageWidth", width, $"has to be from 1 to {LongestSide}, or null")
        .Require(height is null == width is null, "ImageHeight", height, "has to be null if ImageWidth is, and else not");

    public void Save(ModelSaveContext ctx)
    {
        // int: number of frames
        // int: how a frame is cut
        // int: height of an image, 0 for the video's own
        // int: width of an image
        ctx.Writer.Write(Frames);
        ctx.Writer.Write((int)Cells);
        ctx.Writer.Write(Height);
        ctx.Writer.Write(Width);
    }

    public static FrameImages Read(IHostEnvironment env, ModelLoadContext ctx)
    {
        var saved = new FrameImages(
            ctx.Reader.ReadInt32(), (FrameCells)ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32());
        env.CheckDecode(saved.Frames > 0 && Enum.IsDefined(saved.Cells));
        env.CheckDecode(saved.Height >= 0 && saved.Width >= 0 && saved.Height > 0 == saved.Width > 0);
        return saved;
    }
}

/// <summary>Cuts frames of one size into images, for one thread.</summary>
internal sealed class FrameCutter
{
    private readonly FrameImages _images;
    private readonly int _frameWidth, _cellHeight, _cellWidth;
    private readonly (int Top, int Left)[] _places;
    private readonly AreaScaler? _scaler;
    private readonly byte[] _cell;
    private readonly byte[] _scaled;

    /// <param name="images">How frames are cut.</param>
    /// <param name="frameHeight">The height of the frames.</param>
    /// <param name="frameWidth">The width of the frames.</param>
    public FrameCutter(FrameImages images, int frameHeight, int frameWidth)
    {
        _images = images;
        _frameWidth = frameWidth;
        bool isCut = images.Cells == FrameCells.TwoByTwo;
        // Sides of an odd number of pixels: the middle row or column belongs to both halves.
        (_cellHeight, _cellWidth) = isCut ? ((frameHeight + 1) / 2, (frameWidth + 1) / 2) : (frameHeight, frameWidth);
        (int bottom, int right) = (frameHeight - _cellHeight, frameWidth - _cellWidth);
        _places = isCut ? [(0, 0), (0, right), (bottom, 0), (bottom, right)] : [(0, 0)];
        _cell = new byte[isCut ? _cellHeight * _cellWidth * VideoFrames.Channels : 0];
        (Height, Width) = images.IsScaled ? (images.Height, images.Width) : (_cellHeight, _cellWidth);
        bool isScaled = (Height, Width) != (_cellHeight, _cellWidth);
        _scaler = isScaled ? new AreaScaler(_cellHeight, _cellWidth, Height, Width) : null;
        _scaled = new byte[isScaled ? Height * Width * VideoFrames.Channels : 0];
    }

    /// <summary>The height of every image.</summary>
    public int Height { get; }

    /// <summary>The width of every image.</summary>
    public int Width { get; }

    /// <summary>One image of a frame; it is valid until the next call.</summary>
    /// <param name="frame">RGB bytes, [frameHeight, frameWidth, 3].</param>
    /// <param name="cell">The place of the image in the frame, from 0.</param>
    /// <returns>RGB bytes, [Height, Width, 3].</returns>
    public ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> frame, int cell)
    {
        ReadOnlySpan<byte> pixels = frame;
        if (_images.CellCount > 1)
        {
            (int top, int left) = _places[cell];
            int bytes = _cellWidth * VideoFrames.Channels;
            for (int y = 0; y < _cellHeight; y++)
                frame.Slice((((top + y) * _frameWidth) + left) * VideoFrames.Channels, bytes).CopyTo(_cell.AsSpan(y * bytes));
            pixels = _cell;
        }

        if (_scaler is null)
            return pixels;
        _scaler.ScaleToRgb(pixels, _scaled);
        return _scaled;
    }
}
