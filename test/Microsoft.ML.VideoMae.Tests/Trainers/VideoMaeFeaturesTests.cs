// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
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
    }
}
