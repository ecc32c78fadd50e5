// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace VideoWebApi;

/// <summary>What the model is given.</summary>
internal sealed class VideoInput
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}

/// <summary>What the model gives.</summary>
internal sealed class VideoPrediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>
/// Prediction engines, which serve one request at a time, for many requests at a time: what PredictionEnginePool of Microsoft.Extensions.ML
/// does. All engines share the weights of one model.
/// </summary>
internal sealed class PredictionPool : IDisposable
{
    private readonly ITransformer _model;
    private readonly DataViewSchema _schema;
    private readonly ObjectPool<PredictionEngine<VideoInput, VideoPrediction>> _engines;

    /// <param name="path">The model's .zip.</param>
    private PredictionPool(string path)
    {
        var ml = new MLContext();
        _model = ml.Model.Load(path, out DataViewSchema input);
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        _engines = new DefaultObjectPoolProvider().Create(
            new EnginePolicy(() => ml.Model.CreatePredictionEngine<VideoInput, VideoPrediction>(_model, options)));
        _schema = _model.GetOutputSchema(input);
        _engines.Return(_engines.Get()); // A model that lacks what the engines need is told at once, not at the first request.
    }

    /// <summary>Loads a model.</summary>
    /// <param name="path">Its .zip.</param>
    /// <param name="problem">What is wrong with it, in one line.</param>
    /// <returns>Null where it cannot be loaded.</returns>
    public static PredictionPool? TryLoad(string path, out string problem)
    {
        try
        {
            problem = "";
            return new PredictionPool(path);
        }
        catch (Exception e) when (e is FormatException or IOException or InvalidDataException or InvalidOperationException
            or ArgumentException or NotSupportedException)
        {
            problem = e.Message.Split('\n')[0].TrimEnd();
            return null;
        }
    }

    /// <summary>Predicts one video; safe to call from several threads.</summary>
    public VideoPrediction Predict(string videoPath)
    {
        PredictionEngine<VideoInput, VideoPrediction> engine = _engines.Get();
        try
        {
            return engine.Predict(new VideoInput { VideoPath = videoPath });
        }
        finally
        {
            _engines.Return(engine);
        }
    }

    /// <summary>The classes and their probabilities, the most probable first.</summary>
    public IReadOnlyList<KeyValuePair<string, float>> Rank(VideoPrediction prediction) => _schema.GetTopScores(prediction.Score);

    /// <inheritdoc/>
    public void Dispose()
    {
        (_engines as IDisposable)?.Dispose();
        (_model as IDisposable)?.Dispose();
    }

    private sealed class EnginePolicy(Func<PredictionEngine<VideoInput, VideoPrediction>> create)
        : PooledObjectPolicy<PredictionEngine<VideoInput, VideoPrediction>>
    {
        public override PredictionEngine<VideoInput, VideoPrediction> Create() => create();

        public override bool Return(PredictionEngine<VideoInput, VideoPrediction> engine) => true;
    }
}
