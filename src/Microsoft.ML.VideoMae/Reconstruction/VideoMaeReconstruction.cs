// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

/// <summary>A clip, what a model was shown of it, and what it made of that.</summary>
public sealed class VideoMaeReconstruction
{
    internal VideoMaeReconstruction(VideoMaeConfig config, double loss, byte[][] original, byte[][] masked, byte[][] reconstructed)
    {
        Height = config.ImageSize.Height;
        Width = config.ImageSize.Width;
        Loss = loss;
        Original = ToMemory(original);
        Masked = ToMemory(masked);
        Reconstructed = ToMemory(reconstructed);
    }

    /// <summary>The mean squared error over the hidden patches; with normalised pixels about 1 is what each patch's mean gives.</summary>
    public double Loss { get; }

    /// <summary>The height of a frame in pixels.</summary>
    public int Height { get; }

    /// <summary>The width of a frame in pixels.</summary>
    public int Width { get; }

    /// <summary>The frames as the processor made them, each [H, W, 3] RGB.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Original { get; }

    /// <summary>The same with hidden patches grey.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Masked { get; }

    /// <summary>
    /// The same with hidden patches as the model predicts them. Where it was trained on normalised pixels, each has the mean and deviation
    /// of the true patch: the model predicts structure, not brightness.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Reconstructed { get; }

    /// <summary>Writes a picture of three rows: the frames, what the model was shown, and what it made of it.</summary>
    /// <param name="path">The PNG file; replaced in one step.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] png = Reconstruction.ReconstructionPicture.DrawPng(this);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>Writes an animation of the three side by side. Needs ffmpeg, as reading videos does.</summary>
    /// <param name="path">The GIF file; replaced in one step.</param>
    /// <param name="framesPerSecond">How fast it plays. The default value is 6.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveGif(string path, double framesPerSecond = 6)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        byte[] gif = Reconstruction.ReconstructionAnimation.MakeGif(this, framesPerSecond);
        AtomicFile.Write(path, stream => stream.Write(gif));
    }

    private static ReadOnlyMemory<byte>[] ToMemory(byte[][] frames) => Array.ConvertAll(frames, frame => new ReadOnlyMemory<byte>(frame));
}
