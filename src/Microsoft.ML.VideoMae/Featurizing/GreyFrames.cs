// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>The small grey frames that features are made of.</summary>
/// <param name="Count">How many frames, or pairs of them, are looked at.</param>
/// <param name="Height">The height of each in pixels.</param>
/// <param name="Width">The width of each in pixels.</param>
internal readonly record struct GreyFrames(int Count, int Height, int Width)
{
    private const int LongestSide = 1024;

    // ffmpeg makes larger frames smaller while it decodes: this many pixels of the shorter side for each of the features' longer side are
    // enough for the mean of an area.
    private const int Detail = 4;

    /// <summary>The shorter side that frames are decoded with.</summary>
    public int MaxShortSide => Detail * System.Math.Max(Height, Width);

    /// <summary>Notes sides that are not allowed.</summary>
    public static void CheckSides(OptionProblems problems, int height, int width, int leastHeight = 1, int leastWidth = 1) => problems
        .Require(height >= leastHeight && height <= LongestSide, "ImageHeight", height, $"has to be from {leastHeight} to {LongestSide}")
        .Require(width >= leastWidth && width <= LongestSide, "ImageWidth", width, $"has to be from {leastWidth} to {LongestSide}");

    public void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(Count);
        ctx.Writer.Write(Height);
        ctx.Writer.Write(Width);
    }

    public static GreyFrames Read(IHostEnvironment env, ModelLoadContext ctx, int leastHeight = 1, int leastWidth = 1)
    {
        var saved = new GreyFrames(ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32());
        env.CheckDecode(saved.Count > 0 && saved.Height >= leastHeight && saved.Width >= leastWidth);
        return saved;
    }
}
