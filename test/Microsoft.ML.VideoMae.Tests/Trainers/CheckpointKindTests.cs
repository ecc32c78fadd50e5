// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>A checkpoint is loaded as what its configuration says it is.</summary>
[TestClass]
public sealed class CheckpointKindTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _warnings = [];
    private readonly MLVideo _video = MLVideo.CreateFromFile(TestClips.Clip("red", 1));

    public CheckpointKindTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [TestMethod]
    public void MultiLabelCheckpoint_GivesEveryLabelItsOwnProbability()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, config => config["problem_type"] = "multi_label_classification");
        float[] logits = Logits(folder.Path);
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder.Path);
        float[] expected = [.. logits.Select(l => 1 / (1 + MathF.Exp(-l)))];
        AssertClose(expected, InOrder(model));
        AssertClose(expected, [.. model.Explain(_video).Prediction.OrderBy(p => Index(model, p.Key)).Select(p => p.Value)]);
        ITransformer loaded = EstimatorConformance.SaveAndLoad(_ml, model, Videos().Schema);
        AssertClose(expected, loaded.Transform(Videos()).GetColumn<float[]>("Score").Single());
        (loaded as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void MultiLabelCheckpoint_AsOnnx_GivesTheSame()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, config => config["problem_type"] = "multi_label_classification");
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder.Path);
        model.SaveOnnx(folder.File("model.onnx"));
        using var session = new InferenceSession(folder.File("model.onnx"));
        float[] pixels = model.Processor.Process(VideoReader.Default.Read(_video, model.Sampler));
        var input = new DenseTensor<float>(
            pixels,
            [1, model.Config.NumFrames, 3, model.Config.ImageSize.Height, model.Config.ImageSize.Width]);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("pixel_values", input)]);
        AssertClose(InOrder(model), [.. outputs.Single(o => o.Name == "probabilities").AsTensor<float>()]);
    }

    [TestMethod]
    public void MultiLabelCheckpoint_IsTrainedOnAsOneOfSeveral()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, config => config["problem_type"] = "multi_label_classification");
        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.Config, options.PretrainedModel, options.FineTuning) = (null, folder.Path, FineTuningMode.Full);
        IDataView data = VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data);
        Assert.IsNull(model.Config.ProblemType);
        Assert.AreEqual(1, model.Predict(_video).Sum(p => p.Value), 1e-5);
        StringAssert.Contains(_warnings.Single(), "problem_type is multi_label_classification");
    }

    [TestMethod]
    [DataRow("regression", "its problem_type is regression")]
    [DataRow(null, "it has one output and no problem_type")]
    public void CheckpointOfNumbers_IsRefusedByName(string? problemType, string reason)
    {
        using var folder = new TemporaryFolder();
        Copy(folder, config => config["problem_type"] = problemType, problemType is null ? "tiny/regression" : "tiny/classification");
        string message = Assert.Throws<InvalidDataException>(() => _ml.Model.LoadVideoMae(folder.Path)).Message;
        StringAssert.Contains(message, $"'{folder.Path}' is no classifier: {reason}");
        StringAssert.Contains(message, "Regression.Trainers.VideoMae");
    }

    [TestMethod]
    public void ClassesOfOneName_AreToldApart()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, config =>
        {
            config["id2label"]!["0"] = "crane";
            config["id2label"]!["2"] = "crane";
            config["label2id"] = new JsonObject { ["class_1"] = 1, ["crane"] = 2 };
        });
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder.Path);
        string[] names = [.. model.Predict(_video).Select(p => p.Key)];
        Assert.Contains("crane (0)", names);
        Assert.Contains("crane (2)", names);
        CollectionAssert.AllItemsAreUnique(names);
        StringAssert.StartsWith(_warnings.Single(), "2 classes share 1 names, such as 'crane'");
    }

    [TestMethod]
    public void ClassesInAnotherOrder_KeepTheirHead()
    {
        IDataView data = VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));
        using VideoMaeClassificationTransformer first = _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(12)).Fit(data);
        using var folder = new TemporaryFolder();
        first.SavePretrained(folder.Path);
        IDataView reversed = _ml.Data.LoadFromEnumerable(
            _ml.Data.CreateEnumerable<Row>(TestClips.Load(_ml), reuseRowObject: false).Reverse().ToArray());
        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.Config, options.PretrainedModel, options.FineTuning, options.LearningRate) = (
            null, folder.Path, FineTuningMode.Full, 1e-9f
        ); // All stays as it was.
        using VideoMaeClassificationTransformer second = _ml
            .MulticlassClassification.Trainers.VideoMae(options)
            .Fit(VideoMaeTrainerTests.Prepare(_ml, reversed));
        CollectionAssert.AreNotEqual(first.Config.Id2Label!.ToArray(), second.Config.Id2Label!.ToArray());
        foreach ((string name, float probability) in first.Predict(_video))
            Assert.AreEqual(probability, second.Predict(_video).Single(p => p.Key == name).Value, 1e-4, name);
    }

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private static void Copy(TemporaryFolder folder, Action<JsonNode> change, string checkpoint = "tiny/classification")
    {
        foreach (string file in ((string[])["model.safetensors", "preprocessor_config.json"]).Where(name =>
                File.Exists(ReferenceFiles.Path($"{checkpoint}/{name}"))))
            File.Copy(ReferenceFiles.Path($"{checkpoint}/{file}"), folder.File(file));
        JsonNode config = JsonNode.Parse(File.ReadAllText(ReferenceFiles.Path($"{checkpoint}/config.json")))!;
        change(config);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
    }

    private IDataView Videos()
    {
        IDataView rows = _ml.Data.LoadFromEnumerable([new Row { VideoPath = _video.Path! }]);
        return _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(rows).Transform(rows);
    }

    private float[] Logits(string folder)
    {
        using VideoMaeForVideoClassification network = VideoMaeForVideoClassification.FromPretrained(folder);
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder);
        float[] pixels = model.Processor.Process(VideoReader.Default.Read(_video, model.Sampler));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        return network
            .forward(
                torch.tensor(pixels, [1, network.Config.NumFrames, 3, network.Config.ImageSize.Height, network.Config.ImageSize.Width]))
            .Logits.data<float>()
            .ToArray();
    }

    private float[] InOrder(VideoMaeClassificationTransformer model) =>
        [.. model.Predict(_video).OrderBy(p => Index(model, p.Key)).Select(p => p.Value)];

    private static int Index(VideoMaeClassificationTransformer model, string name) =>
        model.Config.Id2Label!.Single(l => l.Value == name).Key;

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5);
    }
}
