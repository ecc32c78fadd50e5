// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Explanation;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

/// <summary>Where a model looked in a video: for each tubelet in time a map over the frame, by attention rollout.</summary>
/// <remarks>
/// Rollout (Abnar and Zuidema, 2020) follows attention through the blocks. It shows what information could flow, not what decided for a
/// class: read it as a hint.
/// </remarks>
public sealed class VideoMaeExplanation : IExplainedFrames
{
    private readonly float[] _shares;
    private readonly byte[][] _frames;
    private readonly int _frameHeight;
    private readonly int _frameWidth;

    internal VideoMaeExplanation(VideoMaeConfig config, float[] shares, byte[][] frames,
        IReadOnlyList<KeyValuePair<string, float>> prediction)
    {
        Tubelets = config.NumFrames / config.TubeletSize;
        MapHeight = config.ImageSize.Height / config.PatchSize.Height;
        MapWidth = config.ImageSize.Width / config.PatchSize.Width;
        (_frameHeight, _frameWidth) = (config.ImageSize.Height, config.ImageSize.Width);
        Prediction = prediction;
        _shares = shares;
        _frames = frames;
    }

    /// <summary>Class names and probabilities, the most probable first.</summary>
    public IReadOnlyList<KeyValuePair<string, float>> Prediction { get; }

    /// <summary>The number of maps.</summary>
    public int Tubelets { get; }

    /// <summary>The height of a map, in patches.</summary>
    public int MapHeight { get; }

    /// <summary>The width of a map, in patches.</summary>
    public int MapWidth { get; }

    int IExplainedFrames.Count => Tubelets;

    int IExplainedFrames.FrameHeight => _frameHeight;

    int IExplainedFrames.FrameWidth => _frameWidth;

    /// <summary>
    /// The map of a tubelet, [<see cref="MapHeight"/>, <see cref="MapWidth"/>] row by row; the shares of all maps add up to 1.
    /// </summary>
    /// <param name="tubelet">The tubelet, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tubelet.</exception>
    public ReadOnlySpan<float> Map(int tubelet)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tubelet);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tubelet, Tubelets);
        return _shares.AsSpan(tubelet * MapHeight * MapWidth, MapHeight * MapWidth);
    }

    /// <summary>Writes a picture: the first frame of every tubelet above, and below it darkened where the model did not look.</summary>
    /// <param name="path">The PNG file; replaced in one step.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] png = ExplanationPicture.Draw(this);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The first frame of a tubelet as the model saw it, RGB.</summary>
    ReadOnlySpan<byte> IExplainedFrames.Frame(int index) => _frames[index];
}
