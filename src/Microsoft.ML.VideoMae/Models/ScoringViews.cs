// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>How a video is looked at in scoring; the outputs for all views are averaged.</summary>
/// <param name="Clips">The number of stretches of time.</param>
/// <param name="Crops">The number of crops along the longer side of the frame.</param>
/// <param name="Flip">Whether every view is looked at in a mirror too.</param>
internal sealed record ScoringViews(int Clips, int Crops, bool Flip)
{
    /// <summary>One view: the whole clip, the centre.</summary>
    public static readonly ScoringViews One = new(1, 1, false);

    /// <summary>The number of views of a video.</summary>
    public int Count => Clips * Crops * (Flip ? 2 : 1);

    /// <summary>The number of views of a clip whose pixel values are there already.</summary>
    public int CountOfProcessed => Flip ? 2 : 1;

    /// <summary>Whether a sampler has as many stretches of time to offer; null stands for one that has.</summary>
    public bool Suits(FrameSampler? sampler) => Clips == 1 || sampler is null || MultiViewFrameSampler.Supports(sampler);

    /// <summary>These views, changed where something is given.</summary>
    public ScoringViews With(int? clips, int? crops, bool? flip) => new(clips ?? Clips, crops ?? Crops, flip ?? Flip);

    /// <summary>Reads a video once and makes all of its views.</summary>
    /// <param name="frames">The frames of all stretches, one after the other.</param>
    /// <param name="processor">Makes pixel values.</param>
    /// <param name="clipLength">T * C * H * W.</param>
    /// <param name="views">Receives [views, T, C, H, W].</param>
    public void Make(VideoFrames frames, VideoMaeImageProcessor processor, int clipLength, Span<float> views)
    {
        int length = frames.Pixels.Length / Clips, at = 0;
        for (int clip = 0; clip < Clips; clip++)
        {
            var part = new VideoFrames(frames.Pixels.Slice(clip * length, length), frames.Count / Clips, frames.Height, frames.Width);
            for (int crop = 0; crop < Crops; crop++)
            {
                Span<float> view = views.Slice(at, clipLength);
                if (Crops == 1)
                    processor.Process(part, view);
                else
                    processor.ProcessView(part, crop, Crops, view);
                at += clipLength;
                if (!Flip)
                    continue;
                Mirror(view, views.Slice(at, clipLength), processor.FixedOutputSize!.Value.Width);
                at += clipLength;
            }
        }
    }

    /// <summary>The views of a clip whose pixel values are there already: itself, and its mirror image.</summary>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="width">W.</param>
    /// <param name="views">Receives [views, T, C, H, W].</param>
    public void OfProcessed(float[] pixelValues, int width, Span<float> views)
    {
        pixelValues.CopyTo(views);
        if (Flip)
            Mirror(pixelValues, views[pixelValues.Length..], width);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Clips);
        writer.Write(Crops);
        writer.Write(Flip);
    }

    public static ScoringViews Load(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean());

    private static void Mirror(ReadOnlySpan<float> from, Span<float> to, int width)
    {
        from.CopyTo(to);
        for (int row = 0; row < to.Length; row += width)
            to.Slice(row, width).Reverse();
    }
}
