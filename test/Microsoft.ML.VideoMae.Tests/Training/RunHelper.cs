// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>Trains on <see cref="TestClips"/> and gives the trained weights as bytes, so that runs can be compared bit for bit.</summary>
internal sealed class RunHelper
{
    private readonly MLContext _ml = new(1);

    public RunHelper() => _ml.Log += (_, e) =>
    {
        lock (Log)
            Log.Add(e.Message);
    };

    public List<string> Log { get; } = [];

    public VideoMaeClassificationTransformer Fit(VideoMaeTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));

    public byte[] Weights(VideoMaeTrainer.Options options)
    {
        using VideoMaeClassificationTransformer model = Fit(options);
        return WeightsOf(model);
    }

    public static byte[] WeightsOf(VideoMaeClassificationTransformer model)
    {
        string folder = TestClips.NewFolder();
        try
        {
            model.SavePretrained(Path.Combine(folder, "model"));
            return File.ReadAllBytes(Path.Combine(folder, "model", "model.safetensors"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
