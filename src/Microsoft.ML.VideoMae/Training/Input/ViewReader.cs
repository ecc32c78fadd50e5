// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Reads views of clips: the first of each clip is what scoring sees, and the others are augmented.</summary>
/// <remarks>Both kinds share runs of ffmpeg, each with its own: scoring and training ask for frames of different sizes.</remarks>
internal sealed class ViewReader : IDisposable
{
    private readonly IReadOnlyList<ClipExample> _examples;
    private readonly int _views;
    private readonly int[] _rows;
    private readonly SkippedClips _skipped;
    private readonly VideoModel _model;
    private readonly TrainingClips _clips;
    private readonly ReadsAhead _scored;
    private readonly BatchLoader _loader;

    /// <summary>Starts to read.</summary>
    /// <param name="examples">The clips.</param>
    /// <param name="views">The views of each clip.</param>
    /// <param name="rows">The views to read, sorted: number of the clip * <paramref name="views"/> + number of the view.</param>
    /// <param name="skipped">Takes note of clips that cannot be read.</param>
    /// <param name="model">Says how a clip is made of a video.</param>
    /// <param name="recipe">The recipe of the run.</param>
    public ViewReader(IReadOnlyList<ClipExample> examples, int views, int[] rows, SkippedClips skipped, VideoModel model,
        TrainingRecipe recipe)
    {
        _examples = examples;
        _views = views;
        _rows = rows;
        _skipped = skipped;
        _model = model;
        _clips = new TrainingClips(examples, model, recipe, skipped.Notes);
        _scored = new ReadsAhead(VideoReader.Default, model.ReadOptions, () => rows.Length,
            i => IsFirst(rows[i]) ? model.PlanRead(examples[rows[i] / views].Video) : null, recipe.DecodingThreads, recipe.CancellationToken);
        _loader = BatchLoader.WithReadsAhead(rows, model.BatchSize, model.ClipLength,
            (_clips.Reader, _clips.ReadOptions, (row, _) => IsFirst(row) ? null : _clips.Plan(row % views, row / views)), Fill,
            (row, error) => skipped.TrySkip(row / views, error), recipe.DecodingThreads, recipe.CancellationToken);
    }

    /// <summary>The batches, whose indices are the views' rows.</summary>
    public IEnumerable<ClipBatch> Read() => _loader.Read();

    public void Dispose()
    {
        _loader.Dispose();
        _scored.Dispose();
    }

    private bool IsFirst(int row) => row % _views == 0;

    private void Fill(int row, int position, ReadAhead ahead, Span<float> pixelValues, CancellationToken cancellationToken)
    {
        if (IsFirst(row))
        {
            _model.ReadPixelValues(
                _examples[row / _views].Video, new ReadAhead(_scored, position), pixelValues, _skipped.Notes, cancellationToken);
            return;
        }

        ReadAhead first = ahead with { Position = FirstAugmented(position) };
        _clips.Fill(row % _views, row / _views, ahead, first, pixelValues, cancellationToken);
    }

    /// <summary>The place of the first augmented view of the same clip, with which all its frames are read.</summary>
    private int FirstAugmented(int position)
    {
        int clip = _rows[position] / _views;
        while (position > 0 && _rows[position - 1] / _views == clip && !IsFirst(_rows[position - 1]))
            position--;
        return position;
    }
}
