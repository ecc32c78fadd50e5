// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>The epochs of a run, kept on disk: a run that goes on draws its whole curve.</summary>
internal sealed class EpochHistory
{
    private sealed record Kept(JsonNode? Settings, List<Epoch>? Epochs);

    private readonly string _path;
    private readonly TrainSettings _settings;
    private readonly List<Epoch> _epochs = [];

    /// <param name="path">The file.</param>
    /// <param name="settings">A history of other settings is forgotten.</param>
    public EpochHistory(string path, TrainSettings settings)
    {
        _path = path;
        _settings = settings;
        if (File.Exists(path) && Json.TryRead<Kept>(File.ReadAllText(path)) is { Epochs: { } epochs } kept && IsMine(kept.Settings))
            _epochs = epochs;
    }

    public IReadOnlyList<Epoch> Epochs => _epochs;

    /// <summary>Adds an epoch; those from it on that an earlier start left are forgotten.</summary>
    public void Add(VideoMaeMetrics metrics)
    {
        _epochs.RemoveAll(e => e.Number >= metrics.Epoch);
        _epochs.Add(new Epoch(metrics.Epoch, metrics.Loss, metrics.Accuracy, metrics.ValidationLoss, metrics.ValidationAccuracy,
            metrics.LearningRate, metrics.ClipsPerSecond, metrics.DataWaitFraction, metrics.Elapsed.TotalSeconds));
        OutputFile.Write(_path, file =>
            File.WriteAllText(file, JsonSerializer.Serialize(new Kept(_settings.ToJson(), _epochs), Json.Options)));
    }

    /// <summary>What cannot be read belongs to another run.</summary>
    private bool IsMine(JsonNode? kept)
    {
        try
        {
            return kept is JsonObject json && TrainSettings.FromJson(json) == _settings;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>One epoch, as <see cref="VideoMaeMetrics"/> reports it.</summary>
internal sealed record Epoch(int Number, double Loss, double? Accuracy, double? ValidationLoss, double? ValidationAccuracy,
    double LearningRate, double ClipsPerSecond, double DataWaitShare, double ElapsedSeconds);
