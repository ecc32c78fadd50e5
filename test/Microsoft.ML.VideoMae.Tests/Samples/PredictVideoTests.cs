// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using Microsoft.ML.VideoMae.Tests.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

[TestClass]
public sealed class PredictVideoTests
{
    [TestMethod]
    public void AnotherProcess_LoadsTheModelAndGivesTheSameScores()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        ITransformer model = TestClips.Pipeline(ml, TestClips.Options(5)).Fit(data);
        string path = Path.Combine(TestClips.NewFolder(), "model.zip");
        ml.Model.Save(model, data.Schema, path);
        using var engine = ml.Model.CreatePredictionEngine<VideoRow, Prediction>(model);
        Prediction expected = engine.Predict(new VideoRow { VideoPath = TestClips.Clip("red", 1) });

        string output = SampleProgram.Run("PredictVideo", path, TestClips.Clip("red", 1));
        StringAssert.Contains(output, $"1.mp4: {expected.PredictedLabel}");
        foreach (float score in expected.Score)
            StringAssert.Contains(output, score.ToString("0.000000", CultureInfo.InvariantCulture));
    }
}
