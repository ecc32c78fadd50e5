// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Explanation;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>Which places of a video a model's answer rests on: each place is hidden in turn, and the video is scored again.</summary>
/// <remarks>
/// This is occlusion (Zeiler and Fergus, 2014, arXiv:1311.2901). It works for every model that gives probabilities or a number: a
/// transformer, or a linear model on plain features. A place is hidden in all frames, by its mean colour over the video, so that neither what is seen there
/// nor how it moves is left. A place that can do without, since others tell the same, counts little.
/// </remarks>
public sealed class VideoOcclusion : IExplainedFrames
{
    // Frames of a picture, spread over the video.
    private const int MostFrames = 6;

    private readonly float[] _losses;
    private readonly VideoFrames _frames;

    private VideoOcclusion(VideoFrames frames, int rows, int columns, float[] losses, IReadOnlyList<KeyValuePair<string, float>> prediction)
        => (_frames, MapHeight, MapWidth, _losses, Prediction) = (frames, rows, columns, losses, prediction);

    /// <summary>
    /// Class names and probabilities of the whole video, the most probable first; for yes or no the names are True and False. A model of
    /// numbers has one entry, named as its column of scores, with the number.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, float>> Prediction { get; }

    /// <summary>The height of the map, in places.</summary>
    public int MapHeight { get; }

    /// <summary>The width of the map, in places.</summary>
    public int MapWidth { get; }

    /// <summary>
    /// How much the logarithm of the probability of the predicted class falls where a place is hidden,
    /// [<see cref="MapHeight"/>, <see cref="MapWidth"/>] row by row; below 0 where hiding it makes the model surer. For a model of numbers,
    /// how far the number moves, in the unit of the labels.
    /// </summary>
    public ReadOnlySpan<float> Map => _losses;

    int IExplainedFrames.Count => Math.Min(MostFrames, _frames.Count);

    int IExplainedFrames.FrameHeight => _frames.Height;

    int IExplainedFrames.FrameWidth => _frames.Width;

    /// <summary>Writes a picture: some frames above, and below them the same, darkened where the answer does not rest on them.</summary>
    /// <param name="path">The PNG file; replaced in one step.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] png = ExplanationPicture.Draw(this);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>Hides each place in turn.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="model">A model from videos to names and probabilities of classes.</param>
    /// <param name="video">The video.</param>
    /// <param name="options">The columns, and the size of the map.</param>
    /// <param name="answers">How the model's answers are read, compared and named.</param>
    internal static VideoOcclusion Compute(
        IHostEnvironment env, ITransformer model, MLVideo video, VideoOcclusionOptions options, OccludedAnswers answers)
    {
        new OptionProblems()
            .Require(options.Rows > 0, nameof(options.Rows), options.Rows, "has to be at least 1")
            .Require(options.Columns > 0, nameof(options.Columns), options.Columns, "has to be at least 1")
            .ThrowIfAny(env, nameof(options));
        VideoFrames frames = VideoReader.Default.ReadAll(video);
        int rows = Math.Min(options.Rows, frames.Height), columns = Math.Min(options.Columns, frames.Width);
        IEnumerable<Row> Videos()
        {
            yield return new Row { Video = MLVideo.CreateFromFrames(frames, video.Name) };
            for (int place = 0; place < rows * columns; place++)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                yield return new Row { Video = MLVideo.CreateFromFrames(Hide(frames, place, rows, columns), video.Name) };
            }
        }

        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Video)].ColumnName = options.VideoColumnName;
        IDataView scored = model.Transform(new DataOperationsCatalog(env).LoadFromEnumerable(Videos(), definition));
        float[] whole = [];
        var losses = new List<float>();
        foreach (float[] scores in answers.Read(scored))
        {
            if (whole.Length == 0)
                whole = scores;
            else
                losses.Add(answers.Difference(whole, scores));
        }

        return new VideoOcclusion(frames, rows, columns, [.. losses], answers.Name(scored.Schema, whole));
    }

    ReadOnlySpan<byte> IExplainedFrames.Frame(int index) =>
        _frames.Frame(((2 * index) + 1) * _frames.Count / (2 * ((IExplainedFrames)this).Count));

    ReadOnlySpan<float> IExplainedFrames.Map(int index) => _losses;

    /// <summary>A copy in which a place has its mean colour.</summary>
    private static VideoFrames Hide(VideoFrames frames, int place, int rows, int columns)
    {
        int row = place / columns, column = place % columns;
        int top = row * frames.Height / rows, bottom = (row + 1) * frames.Height / rows;
        int left = column * frames.Width / columns, right = (column + 1) * frames.Width / columns;
        byte[] pixels = frames.Pixels.ToArray();
        Span<long> sums = stackalloc long[VideoFrames.Channels];
        long count = (long)frames.Count * (bottom - top) * (right - left);
        for (int pass = 0; pass < 2; pass++)
        {
            for (int line = 0; line < frames.Count * frames.Height; line++)
            {
                if (line % frames.Height < top || line % frames.Height >= bottom)
                    continue;
                Span<byte> part = pixels.AsSpan(
                    ((line * frames.Width) + left) * VideoFrames.Channels, (right - left) * VideoFrames.Channels);
                for (int i = 0; i < part.Length; i++)
                {
                    if (pass == 0)
                        sums[i % VideoFrames.Channels] += part[i];
                    else
                        part[i] = (byte)(sums[i % VideoFrames.Channels] / count);
                }
            }
        }

        return new VideoFrames(pixels, frames.Count, frames.Height, frames.Width) { Timeline = frames.Timeline };
    }

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }
}

/// <summary>How <see cref="VideoOcclusion"/> hides places.</summary>
public sealed record VideoOcclusionOptions
{
    /// <summary>The column of videos that the model reads. The default is 'Video'.</summary>
    public string VideoColumnName { get; init; } = "Video";

    /// <summary>
    /// The column of what it answers: probabilities of classes, the logarithm of the odds of yes, or a number. The default is 'Score'.
    /// </summary>
    public string ScoreColumnName { get; init; } = DefaultColumnNames.Score;

    /// <summary>The number of places from top to bottom, at least 1. The default is 6. The video is scored once for each place.</summary>
    public int Rows { get; init; } = 6;

    /// <summary>The number of places from left to right, at least 1. The default is 8.</summary>
    public int Columns { get; init; } = 8;

    /// <summary>Ends the work. The default never does.</summary>
    public CancellationToken CancellationToken { get; init; }
}
