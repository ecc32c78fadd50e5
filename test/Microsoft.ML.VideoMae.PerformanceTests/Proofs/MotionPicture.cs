// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>Draws how generated clips move, and below how a model says that they do: an arrow for each cell that moves.</summary>
internal static class MotionPicture
{
    private const int Clips = 14;
    private const int ClipsInARow = 7;
    private const int SideOfFrame = 128;
    private const int Gap = 4;
    private const int Step = SideOfFrame + Gap;

    /// <summary>An arrow is this many times as long as the motion from one frame to the next.</summary>
    private const float Stretch = 4;

    /// <summary>Cells that move by less than this share of a frame's width get no arrow.</summary>
    private const float Still = 0.004f;

    /// <summary>Draws clips of seed 0, with which no model of the recipe was trained.</summary>
    /// <param name="folder">A folder with a model of pre-training that predicts motion.</param>
    /// <param name="path">The .png.</param>
    public static void Draw(string folder, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var model = VideoMaeForPreTraining.FromPretrained(folder);
        model.eval();
        VideoMaeConfig config = model.Config;
        var processor = VideoMaeImageProcessor.FromPretrained(folder);
        var targets = new MotionTargets(config, processor);
        GeneratedVideos videos = new MLContext(0).Data.GenerateVideos(Clips, seed: 0, config.NumFrames, config.ImageSize.Height);
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(ClipsInARow * Step - Gap, 2 * Clips / ClipsInARow * Step - Gap, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        for (int i = 0; i < Clips; i++)
        {
            GeneratedClip clip = videos.Create(i);
            float[] pixels = processor.Process(clip.Frames);
            long[] shape = [1, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width];
            float[] truth = targets.Of([clip.Displacement.ToArray()], pixels);
            float[] predicted = [.. model.Displacements(tensor(pixels, shape), visible: null).data<float>()]; // [1, N, 2 c c]
            float[][] rows = [truth, predicted];
            for (int row = 0; row < rows.Length; row++)
                DrawClip(surface.Canvas, clip.Frames, rows[row], config, (i % ClipsInARow * Step, (2 * (i / ClipsInARow) + row) * Step));
        }

        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    /// <summary>The first frame of the middle tubelet, and the motion of its cells, [N, 2 c c] in 1/32 of the width.</summary>
    private static void DrawClip(SKCanvas canvas, VideoFrames frames, float[] motion, VideoMaeConfig config, (int X, int Y) corner)
    {
        int tubelet = config.NumTubelets / 2, width = config.ImageSize.Width, cell = DisplacementHead.Cell;
        ReadOnlySpan<byte> frame = frames.Frame(tubelet * config.TubeletSize);
        float scale = (float)SideOfFrame / width;
        using var paint = new SKPaint();
        for (int i = 0; i < width * width; i++)
        {
            paint.Color = new SKColor(frame[3 * i], frame[3 * i + 1], frame[3 * i + 2]);
            canvas.DrawRect(corner.X + i % width * scale, corner.Y + i / width * scale, scale, scale, paint);
        }

        int high = config.PatchSize.Height / cell, wide = config.PatchSize.Width / cell, grid = config.PatchGrid.Width;
        using var line = new SKPaint { Color = SKColors.Red, StrokeWidth = 1.5f, IsAntialias = true };
        for (int i = 0; i < width / cell * (width / cell); i++)
        {
            int row = i / (width / cell), column = i % (width / cell);
            int token = (tubelet * config.PatchGrid.Height + row / high) * grid + column / wide;
            int at = token * DisplacementHead.Outputs(config) + row % high * wide + column % wide;
            float dx = motion[at] / 32, dy = motion[at + high * wide] / 32;
            if (MathF.Sqrt(dx * dx + dy * dy) < Still)
                continue;
            float x = corner.X + (column + 0.5f) * cell * scale, y = corner.Y + (row + 0.5f) * cell * scale;
            canvas.DrawLine(x, y, x + dx * SideOfFrame * Stretch, y + dy * SideOfFrame * Stretch, line);
            canvas.DrawCircle(x, y, 1.5f, line);
        }
    }
}
