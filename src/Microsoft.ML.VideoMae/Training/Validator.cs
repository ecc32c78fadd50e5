// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Scores all clips of a validation set, exactly as the trained model will score them.</summary>
/// <param name="examples">The clips.</param>
/// <param name="scorer">The model in training.</param>
/// <param name="settings">The run's settings.</param>
/// <param name="skipped">Takes note of clips that cannot be read.</param>
internal sealed class Validator(IReadOnlyList<ClipExample> examples, ClassifierScorer scorer, FineTuningSettings settings, SkippedClips skipped)
{
    private readonly float[]?[] _cache = new float[]?[examples.Count];
    // A quarter of what training frames get; beyond it clips are decoded again in every epoch.
    private readonly int _cacheable = (int)Math.Min(examples.Count, settings.FrameCacheBytes / 4 / (scorer.ClipLength * sizeof(float)));

    /// <summary>The mean cross-entropy and the share of correct clips, each clip counted once whatever the batch size.</summary>
    public (double Loss, double Accuracy) Run(IChannel channel)
    {
        scorer.Model.eval();
        double loss = 0;
        int correct = 0;
        int clips = 0;
        using var loader = new BatchLoader(examples, skipped.Remaining(), scorer.BatchSize, scorer.ClipLength, Fill, skipped,
            settings.DecodingThreads, settings.CancellationToken);
        foreach (ClipBatch batch in loader.Read())
        {
            clips += batch.Count;
            float[][] scores = scorer.Score(batch.PixelValues, batch.Count);
            for (int i = 0; i < batch.Count; i++)
            {
                float probability = scores[i][batch.Labels[i]];
                loss -= Math.Log(Math.Max(probability, float.Epsilon));
                if (probability == scores[i].Max())
                    correct++;
            }
        }

        skipped.Report(channel);
        return (loss / clips, (double)correct / clips);
    }

    private void Fill(int index, Span<float> pixelValues, System.Threading.CancellationToken cancellationToken)
    {
        float[] clip = _cache[index] ?? scorer.ReadPixelValues(examples[index].Video, cancellationToken);
        if (index < _cacheable)
            _cache[index] = clip;
        clip.CopyTo(pixelValues);
    }
}
