// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class VideoMaeFeaturesTests
{
    private readonly MLContext _ml = new(1);

    private IDataView Videos => VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));

    [TestMethod]
    public void Featurizer_ConformsToMlNet() => EstimatorConformance.Check(
        _ml, _ml.Transforms.VideoMaeFeatures("Features", "Video", ReferenceFiles.Path("tiny/pretraining")), Videos, TestClips.Load(_ml));

    [TestMethod]
    [DataRow("tiny/pretraining", 0)]
    [DataRow("tiny/pretraining_layernorm", 0)]
    [DataRow("tiny/pretraining", 2)]
    public void Features_AreTheMeanToken(string checkpoint, int layer)
    {
        string folder = ReferenceFiles.Path(checkpoint);
        using VideoMaeFeaturizingTransformer featurizer = _ml.Transforms.VideoMaeFeatures("Features", "Video", folder, layer).Fit(Videos);
        float[] actual = featurizer.Transform(Videos).GetColumn<float[]>("Features").First();
        Assert.HasCount(48, actual);
        Assert.AreEqual(48, ((VectorDataViewType)featurizer.Transform(Videos).Schema["Features"].Type).Size);

        MLVideo video = MLVideo.CreateFromFile(TestClips.Animation("blue", 1));
        using VideoMaeModel model = VideoMaeModel.FromPretrained(folder);
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromPretrained(folder);
        float[] pixels = processor.Process(VideoReader.Default.Read(video, new UniformFrameSampler(4)));
        using DisposeScope scope = NewDisposeScope();
        VideoMaeModelOutput output = model.forward(tensor(pixels, [1, 4, 3, 32, 32]), outputHiddenStates: true);
        Tensor tokens = layer == 0 ? output.LastHiddenState : output.HiddenStates![layer];
        Modeling.ReferenceData.AssertClose(tokens.mean([1]).squeeze(0), tensor(actual), "features", 2e-5);
        Modeling.ReferenceData.AssertClose(tensor(actual), tensor(featurizer.Extract(video)), "one video", 1e-5);
    }

    [TestMethod]
    public void CellFeaturizer_ConformsToMlNet() => EstimatorConformance.Check(
        _ml,
        _ml.Transforms.VideoMaeFeatures(
            "Features", "Video", ReferenceFiles.Path("tiny/pretraining"), pooling: VideoMaePooling.Cells),
        Videos, TestClips.Load(_ml));

    /// <summary>Quarter by quarter and value by value, in the order that the documents give.</summary>
    [TestMethod]
    [DataRow("tiny/pretraining")]
    [DataRow("tiny/pretraining_layernorm")]
    public void Cells_AreMeanChangeAndDeviation_OfTheQuartersOfTheLastTwoBlocks(string checkpoint)
    {
        string folder = ReferenceFiles.Path(checkpoint);
        using VideoMaeFeaturizingTransformer featurizer = _ml
            .Transforms.VideoMaeFeatures("Features", "Video", folder, pooling: VideoMaePooling.Cells)
            .Fit(Videos);
        float[] actual = featurizer.Transform(Videos).GetColumn<float[]>("Features").First();
        Assert.HasCount(24 * 48, actual);
        Assert.AreEqual(24 * 48, ((VectorDataViewType)featurizer.Transform(Videos).Schema["Features"].Type).Size);

        MLVideo video = MLVideo.CreateFromFile(TestClips.Animation("blue", 1));
        using VideoMaeModel model = VideoMaeModel.FromPretrained(folder);
        float[] pixels = VideoMaeImageProcessor.FromPretrained(folder).Process(
            VideoReader.Default.Read(video, new UniformFrameSampler(4)));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        VideoMaeModelOutput output = model.forward(tensor(pixels, [1, 4, 3, 32, 32]), outputHiddenStates: true);
        (int times, int side) = (model.Config.NumTubelets, model.Config.PatchGrid.Height);
        var expected = new List<float>();
        foreach (Tensor block in output.HiddenStates!.Reverse().Take(2))
        {
            float[] tokens = block.data<float>().ToArray(); // [N, D]
            double[][] cells = [.. Enumerable.Range(0, times).Select(time => Cells(tokens, time, side))]; // [T', 4 D]
            int[] places = [.. Enumerable.Range(0, cells[0].Length)];
            double[] mean = [.. places.Select(i => cells.Average(c => c[i]))];
            expected.AddRange(mean.Select(m => (float)m));
            expected.AddRange(places.Select(i => (float)cells.Skip(1).Zip(cells, (next, c) => Math.Abs(next[i] - c[i])).Average()));
            expected.AddRange(places.Select(i => (float)Math.Sqrt(cells.Average(c => Math.Pow(c[i] - mean[i], 2)))));
        }

        Modeling.ReferenceData.AssertClose(tensor(expected.ToArray()), tensor(actual), "features", 2e-4);
        Modeling.ReferenceData.AssertClose(tensor(actual), tensor(featurizer.Extract(video)), "one video", 1e-4);
    }

    /// <summary>The means of the quarters of a frame, of tokens of mean 0 and deviation 1.</summary>
    private static double[] Cells(float[] tokens, int time, int side)
    {
        const int Width = 48;
        var cells = new double[4 * Width];
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
            {
                float[] token = tokens[(((time * side + row) * side + column) * Width)..][..Width];
                double mean = token.Average(), deviation = Math.Sqrt(token.Average(v => Math.Pow(v - mean, 2)) + 1e-6);
                int cell = (row * 2 / side) * 2 + (column * 2 / side);
                for (int i = 0; i < Width; i++)
                    cells[cell * Width + i] += (token[i] - mean) / deviation / (side / 2 * (side / 2));
            }
        }

        return cells;
    }

    [TestMethod]
    public void NoModel_TakesTheShippedWeights_AndTheZipKeepsPoolingAndWeights()
    {
        using VideoMaeFeaturizingTransformer featurizer = _ml
            .Transforms.VideoMaeFeatures("Features", "Video", pretrainedModel: null, pooling: VideoMaePooling.Cells)
            .Fit(Videos);
        float[] expected = featurizer.Transform(Videos).GetColumn<float[]>("Features").First();
        Assert.HasCount(24 * 192, expected);
        using var zip = new MemoryStream();
        _ml.Model.Save(featurizer, Videos.Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
        CollectionAssert.AreEqual(expected, loaded.Transform(Videos).GetColumn<float[]>("Features").First());
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    public void LinearProbe_OnCells_IsSavedAndLoaded_AndScoresAlike()
    {
        var options = new VideoMaeTrainer.Options
        {
            FineTuning = FineTuningMode.LinearProbe,
            Pooling = VideoMaePooling.Cells,
            NumberOfEpochs = 40,
            Seed = 1,
        };
        IDataView data = Videos;
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data);
        Assert.IsTrue(model.Config.UseCellPooling);
        IDataView scored = model.Transform(data);
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, "Three colours that stand still are easy.");
        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
        CollectionAssert.AreEqual(
            scored.GetColumn<float[]>("Score").First(), loaded.Transform(data).GetColumn<float[]>("Score").First());
        ((IDisposable)loaded).Dispose();
        options.FineTuning = FineTuningMode.Full;
        Assert.Contains(
            "Pooling is Cells, but only a frozen encoder's features are pooled so: set FineTuning to LinearProbe",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message);
    }

    [TestMethod]
    public void Features_FeedAnyTrainer()
    {
        IDataView data = TestClips.Load(_ml);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(_ml.Transforms.VideoMaeFeatures("Features", "Video", ReferenceFiles.Path("tiny/pretraining")))
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ITransformer model = pipeline.Fit(data);
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy);

        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
        CollectionAssert.AreEqual(
            model.Transform(data).GetColumn<float[]>("Score").First(), loaded.Transform(data).GetColumn<float[]>("Score").First());
    }

    [TestMethod]
    public void BadInput_IsNamed()
    {
        StringAssert.Contains(
            Assert.Throws<Exception>(() => _ml.Transforms.VideoMaeFeatures("F", "Video", "no/such/model").Fit(Videos)).Message,
            "no/such/model");
        StringAssert.Contains(
            Assert
                .ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    _ml.Transforms.VideoMaeFeatures("F", "Video", ReferenceFiles.Path("tiny/pretraining"), layer: 9).Fit(Videos))
                .Message,
            "blocks 1 to 3");
        StringAssert.Contains(
            Assert
                .ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    _ml.Transforms.VideoMaeFeatures("F", "VideoPath", ReferenceFiles.Path("tiny/pretraining")).Fit(Videos))
                .Message,
            "video column 'VideoPath'");
        StringAssert.Contains(
            Assert
                .Throws<Exception>(() =>
                    _ml.Transforms.VideoMaeFeatures("F", "Video", ReferenceFiles.Path("tiny/pretraining"), 2, pooling: VideoMaePooling.Cells))
                .Message,
            "has to be 0 with VideoMaePooling.Cells");
    }
}
