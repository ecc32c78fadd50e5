// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Describes what was tried.</summary>
/// <param name="context">What all trials share.</param>
internal sealed class RunDetails(ExperimentContext context)
{
    /// <summary>Describes a candidate that was not scored.</summary>
    public static VideoExperimentRunDetail NotScored(VideoExperimentCandidate candidate, string reason) =>
        new() { TrainerName = candidate.Name, Description = candidate.Description, NotScored = reason };

    /// <summary>Describes a candidate that was scored.</summary>
    /// <param name="outcome">How it did.</param>
    /// <param name="model">Its model; null where it was not trained.</param>
    public VideoExperimentRunDetail Of(CandidateOutcome outcome, ITransformer? model) => outcome.Scores.Describe(new()
    {
        TrainerName = outcome.Name,
        Description = outcome.Description,
        Settings = string.Join(", ", ((string[])[outcome.Settings, TemperatureOf(outcome)]).Where(s => s.Length > 0)),
        ScoredRows = outcome.Scores.Count,
        OutOfFoldScores = outcome.Scores.Scores,
        RuntimeInSeconds = outcome.Seconds,
        ClipsPerSecond = 1 / (context.DecodingSecondsPerVideo + (1 / outcome.ClipsPerSecond)),
        Model = model,
        ModelSize = model is null ? null : SizeOf(model),
    }, context.Rows.Folds);

    private static string TemperatureOf(CandidateOutcome outcome) => outcome.Scores is not ClassScores ? ""
        : string.Create(CultureInfo.InvariantCulture, $"temperature {1 / outcome.Scores.Sharpness:0.00}");

    /// <summary>The bytes of a model's .zip.</summary>
    public long SizeOf(ITransformer model)
    {
        using var stream = new MemoryStream();
        model.SaveTo(context.Host, stream);
        return stream.Length;
    }
}
