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

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class PretrainedModelTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];

    public PretrainedModelTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    [DataRow("tiny/classification", "The checkpoint's classes are not those of the label column")]
    [DataRow("tiny/pretraining", "")]
    [DataRow("tiny/pretraining_layernorm", "mean pooling with a fresh fc_norm is switched on")]
    [DataRow("mcg/finetune_hf", "The checkpoint's classes are not those of the label column")]
    public void FineTuning_StartsFromAnyCheckpoint(string checkpoint, string note)
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.Config = null;
        options.PretrainedModel = ReferenceFiles.Path(checkpoint);
        options.FineTuning = FineTuningMode.Full;
        options.LearningRate = 1e-9f; // The encoder stays as it was.
        using var model = (VideoMaeClassificationTransformer)_ml.MulticlassClassification.Trainers.VideoMae(options)
            .Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
        Assert.AreEqual(2, model.Config.NumLabels);
        CollectionAssert.AreEquivalent(new[] { "blue", "red" }, model.Config.Id2Label!.Values.ToArray());
        Assert.IsTrue(model.Config.UseMeanPooling);
        Assert.IsTrue(_log.Any(m => m.Contains("layer decay 0.75")));
        Assert.IsTrue(_log.Any(m => m.Contains(note)), string.Join("\n", _log));
    }

    [TestMethod]
    public void MissingCheckpoint_IsNamed()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.Config = null;
        options.PretrainedModel = "no/such/folder";
        string message = Assert.Throws<Exception>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)
            .Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)))).Message;
        StringAssert.Contains(message, "no/such/folder");
    }

    [TestMethod]
    public void Checkpoint_PredictsInThreeLines()
    {
        string folder = ReferenceFiles.Path("tiny/classification");
        var video = MLVideo.CreateFromFile(TestClips.Animation("red", 1));
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder);
        var top = model.Predict(video, count: 3);

        // The same by hand. The checkpoint has a processor of Python's, and so frames are those of transformers' pipeline.
        using var network = VideoMaeForVideoClassification.FromPretrained(folder);
        float[] pixels = VideoMaeImageProcessor.FromPretrained(folder).Process(
            VideoReader.Default.Read(video, new UniformFrameSampler(network.Config.NumFrames, SegmentPoint.Start)));
        using var scope = torch.NewDisposeScope();
        torch.Tensor expected = network.forward(torch.tensor(pixels, [1, network.Config.NumFrames, 3, 32, 32])).Logits.softmax(1)[0];
        Assert.HasCount(3, top);
        Assert.AreEqual(network.Config.Id2Label![(int)expected.argmax().item<long>()], top[0].Key);
        Assert.AreEqual(expected.max().item<float>(), top[0].Value, 1e-6f);
    }

    [TestMethod]
    public void Checkpoint_BecomesAnMlNetModel()
    {
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
        IDataView data = VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));
        ITransformer loaded = EstimatorConformance.SaveAndLoad(_ml, model, data.Schema);
        EstimatorConformance.CheckSameData(model.Transform(data), loaded.Transform(data));
        VBuffer<ReadOnlyMemory<char>> names = default;
        loaded.GetOutputSchema(data.Schema)["Score"].GetSlotNames(ref names);
        Assert.AreEqual("class_3", names.GetItemOrDefault(3).ToString());
    }

    [TestMethod]
    public void TrainedModel_IsExportedAndReadBack()
    {
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(3))
            .Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
        string folder = TestClips.NewFolder();
        model.SavePretrained(folder);
        using VideoMaeClassificationTransformer loaded = _ml.Model.LoadVideoMae(folder);
        MLVideo video = MLVideo.CreateFromFile(TestClips.Animation("red", 2));
        CollectionAssert.AreEqual(model.Predict(video).ToArray(), loaded.Predict(video).ToArray());
        CollectionAssert.AreEquivalent(new[] { "blue", "red" }, loaded.Config.Id2Label!.Values.ToArray());
    }

    [TestMethod]
    public void Zip_ScoresWithItsOwnSamplerAndViews_UnlessOthersAreGiven()
    {
        string folder = TestClips.NewFolder(), zip = Path.Combine(folder, "model.zip");
        IDataView data = TestClips.Load(_ml);
        VideoMaeTrainer.Options options = TestClips.Options(3);
        (options.Sampler, options.NumberOfTestClips, options.FlipTest) = (new DenseFrameSampler(4, 1), 2, true);
        using var model = TestClips.Pipeline(_ml, options).Fit(data) as IDisposable;
        _ml.Model.Save((ITransformer)model!, data.Schema, zip);
        float[] expected = _ml
            .Data.CreateEnumerable<Prediction>(((ITransformer)model!).Transform(data), reuseRowObject: false)
            .First()
            .Score;
        MLVideo video = MLVideo.CreateFromFile(data.GetColumn<string>("VideoPath").First());
        using VideoMaeClassificationTransformer same = _ml.Model.LoadVideoMae(zip),
            other = _ml.Model.LoadVideoMae(zip, numberOfTestClips: 1, flipTest: false);
        CollectionAssert.AreEqual(expected, Scores(same), "the very same numbers");
        CollectionAssert.AreNotEqual(expected, Scores(other));
        Assert.Contains(
            "only uniform and dense",
            Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.LoadVideoMae(zip, sampler: new EveryNthFrameSampler(4, 2))).Message);
        Directory.Delete(folder, recursive: true);

        float[] Scores(VideoMaeClassificationTransformer loaded) =>
            [.. loaded.Predict(video).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)];
    }

    [TestMethod]
    public void EarlierZip_IsTrainedOnOrScoresAsItIs()
    {
        string folder = TestClips.NewFolder(), zip = Path.Combine(folder, "model.zip");
        IDataView data = TestClips.Load(_ml);
        ITransformer earlier = TestClips.Pipeline(_ml, TestClips.Options(15)).Fit(data);
        _ml.Model.Save(earlier, data.Schema, zip);
        MLVideo video = MLVideo.CreateFromFile(TestClips.Animation("red", 2));
        using (VideoMaeClassificationTransformer loaded = _ml.Model.LoadVideoMae(zip))
            Assert.AreEqual("red", loaded.Predict(video)[0].Key);

        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.Config, options.PretrainedModel, options.FineTuning) = (null, zip, FineTuningMode.Full);
        (options.LearningRate, options.WeightDecay) = (1e-30f, 0);
        using (var same = (VideoMaeClassificationTransformer)
                _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(VideoMaeTrainerTests.Prepare(_ml, data)))
            Assert.AreEqual("red", same.Predict(video)[0].Key, "the same labels keep the head");

        File.WriteAllText(zip, "no zip");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadVideoMae(zip)).Message, zip);
        ITransformer other = _ml.Transforms.CopyColumns("A", "Label").Fit(data);
        _ml.Model.Save(other, data.Schema, zip);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadVideoMae(zip)).Message, "without a VideoMAE model");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void PreTrainingCheckpoint_CannotScore()
    {
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/pretraining")))
            .Message;
        StringAssert.Contains(message, "it is not a fine-tuned checkpoint");
    }
}
