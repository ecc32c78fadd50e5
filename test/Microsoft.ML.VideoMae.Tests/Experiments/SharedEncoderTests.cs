// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>The mean of two models on one frozen encoder: a video goes through the encoder once.</summary>
[TestClass]
public sealed class SharedEncoderTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public float Number { get; set; }
    }

    private sealed class Prediction
    {
        public float Score { get; set; }
    }

    [TestMethod]
    [DataRow("VideoMAE mean", "VideoMAE cells")]
    [DataRow("VideoMAE cells", "pixels", "VideoMAE mean")]
    public void Join_GivesTheMeanOfTheParts_FromOneEncoder(params string[] names)
    {
        Row[] rows = Rows();
        IDataView data = s_ml.Data.LoadFromEnumerable(rows);
        VideoExperimentResult[] alone = [.. names.Select(name => ResultOf(data, name))];
        using var folder = new TemporaryFolder();
        long together = alone.Sum(a => SizeOf(a.BestRun.Model!, data.Schema, folder.File("one.zip")));
        float[][] scores = [.. alone.Select(a => ScoresOf(a.BestRun.Model!, data))];
        float[] expected = [.. rows.Select((_, i) => scores.Average(s => s[i]))];

        using TransformerChain<ITransformer> model =
            ModelPart.Join(s_ml, new NumbersTask(), [.. alone.Zip(names).Select(a => PartOf(a.First.BestRun.Model!, a.Second))], 1);
        Assert.HasCount(1, model.OfType<VideoMaeFeaturizingTransformer>());
        foreach (VideoMaeFeaturizingTransformer replaced in alone.SelectMany(a => Flat(a.BestRun.Model!)).OfType<VideoMaeFeaturizingTransformer>())
            Assert.ThrowsExactly<ObjectDisposedException>(() => replaced.Extract(rows[0].Video));
        AssertClose(expected, ScoresOf(model, data));
        Assert.IsLessThan(0.55 * together, SizeOf(model, data.Schema, folder.File("joined.zip")));

        using var loaded = (TransformerChain<ITransformer>)s_ml.Model.Load(folder.File("joined.zip"), out _);
        AssertClose(expected, ScoresOf(loaded, data));
        using PredictionEngine<Row, Prediction> engine = s_ml.Model.CreatePredictionEngine<Row, Prediction>(loaded);
        AssertClose(expected, [.. rows.Select(r => engine.Predict(r).Score)]);

        s_ml.Model.SaveVideoOnnx(loaded, folder.File("joined.onnx"));
        using var session = new InferenceSession(folder.File("joined.onnx"));
        OnnxPipelineTests.Compare(loaded, session, "Score", "logits", 1e-3f);
    }

    /// <summary>Features of both are computed in one pass, and are those of each alone.</summary>
    [TestMethod]
    public void Search_OfBoth_ScoresEachAsAlone()
    {
        IDataView data = s_ml.Data.LoadFromEnumerable(Rows());
        string[] names = ["VideoMAE cells", "VideoMAE mean"];
        using VideoExperimentResult both = ResultOf(data, names);
        foreach (string name in names)
        {
            using VideoExperimentResult alone = ResultOf(data, name);
            VideoExperimentRunDetail detail = both.RunDetails.Single(d => d.TrainerName == name);
            Assert.AreEqual(alone.BestRun.RootMeanSquaredError, detail.RootMeanSquaredError, 1e-3, name);
            Assert.AreEqual(both.RunDetails[0].ClipsPerSecond, detail.ClipsPerSecond, "of one pass");
            AssertClose(ScoresOf(alone.BestRun.Model!, data), ScoresOf(detail.Model!, data));
        }

        VideoExperimentRunDetail? average = both.RunDetails.SingleOrDefault(d => d.TrainerName.Contains(" + ", StringComparison.Ordinal));
        Assert.AreEqual(both.RunDetails[0].ClipsPerSecond, average!.ClipsPerSecond, 1e-3, "a clip goes through the encoder once");
    }

    private static Row[] Rows() => [.. TestClips.Load(s_ml).GetColumn<string>("VideoPath")
        .Select((path, i) => new Row { Video = MLVideo.CreateFromFile(path), Number = i })];

    private static VideoExperimentResult ResultOf(IDataView data, params string[] names) => s_ml.Regression
        .CreateVideoExperiment(new VideoExperimentSettings
        {
            Candidates = [.. names.Select(name => VideoExperimentCandidate.Defaults().Single(c => c.Name == name))],
        })
        .Execute(data, nameof(Row.Number));

    /// <summary>The steps up to a candidate's scores.</summary>
    private static ModelPart PartOf(ITransformer model, string name)
    {
        ITransformer[] steps = [.. Flat(model)];
        return new ModelPart([.. steps.TakeWhile(s => s is not ColumnCopyingTransformer), steps.First(s => s is ColumnCopyingTransformer)],
            ModelPart.ScoreOf(name), [ModelPart.FeaturesOf(name), ModelPart.ScoreOf(name)], 1);
    }

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [transformer];

    private static float[] ScoresOf(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float>("Score")];

    private static long SizeOf(ITransformer model, DataViewSchema schema, string path)
    {
        s_ml.Model.Save(model, schema, path);
        return new FileInfo(path).Length;
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        foreach ((float one, float other) in expected.Zip(actual))
            Assert.AreEqual(one, other, 1e-4f * (1 + Math.Abs(one)));
    }
}
