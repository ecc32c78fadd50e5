// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

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
        ITransformer model = ml.Model.Load(SampleModel.Zip, out DataViewSchema schema);
        using var engine = ml.Model.CreatePredictionEngine<VideoRow, Prediction>(model, schema);
        Prediction expected = engine.Predict(new VideoRow { VideoPath = TestClips.Clip("red", 1) });
        Assert.AreEqual("red", expected.PredictedLabel);

        string output = SampleProgram.Run("PredictVideo", SampleModel.Zip, TestClips.Clip("red", 1));
        StringAssert.Contains(output, "1.mp4: red");
        foreach (float score in expected.Score)
            StringAssert.Contains(output, score.ToString("0.000000", CultureInfo.InvariantCulture));
    }

    [TestMethod]
    public void MissingModelOrVideo_IsOneLine()
    {
        (int code, _, string errors) = SampleProgram.TryRun("PredictVideo", "nowhere.zip", "nowhere.mp4");
        Assert.AreEqual(1, code);
        Assert.Contains("nowhere.zip", errors);
        (code, _, errors) = SampleProgram.TryRun("PredictVideo", SampleModel.Zip, Path.GetFullPath("nowhere.mp4"));
        Assert.AreEqual(1, code);
        Assert.Contains("nowhere.mp4", errors);
        Assert.DoesNotContain("   at ", errors, "no stack trace");
    }
}
