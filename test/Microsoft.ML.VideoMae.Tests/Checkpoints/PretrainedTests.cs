// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
public sealed class PretrainedTests
{
    private static readonly IReadOnlyDictionary<string, Tensor> s_inputs = Load("tiny", "expected", "inputs.safetensors");
    private static readonly IReadOnlyDictionary<string, Tensor> s_expected = Load("tiny", "expected", "classification.safetensors");
    private static readonly string s_folder = PathOf("tiny", "classification");

    private static void AssertLogits(VideoMaeForVideoClassification model, double tolerance = 2e-5)
    {
        using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"].to(model.parameters().First().dtype));
        AssertClose(s_expected["logits"], output.Logits, "logits", tolerance);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("model.safetensors")]
    [DataRow("pytorch_model.bin")]
    public void Folder_Safetensors_AndBin_EqualReference(string file)
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(Path.Combine(s_folder, file));
        Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
        Assert.IsFalse(model.training);
        Assert.AreEqual("class_3", model.Config.Id2Label![3]);
        AssertLogits(model);
    }

    [TestMethod]
    public void DTypeAndAttention_AreHonoured()
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(
            s_folder, ScalarType.BFloat16, AttentionImplementation.Eager, CPU);
        Assert.IsTrue(model.parameters().All(parameter => parameter.dtype == ScalarType.BFloat16));
        Assert.AreEqual(AttentionImplementation.Eager, model.AttentionImplementation);
        AssertLogits(model, 0.1);
        using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"], s_inputs["labels"]);
        Assert.AreEqual(ScalarType.BFloat16, output.Logits.dtype);
        Assert.AreEqual(s_expected["loss"].item<float>(), output.Loss!.item<float>(), 0.05);
    }

    [TestMethod]
    public void Shards_AreReadThroughTheirIndex()
    {
        using TemporaryFolder folder = new();
        using SafetensorsContent whole = SafetensorsReader.Load(Path.Combine(s_folder, "model.safetensors"));
        JsonObject map = [];
        foreach (var shard in whole.Tensors.Index().GroupBy(pair => pair.Index % 3, pair => pair.Item))
        {
            string name = $"model-0000{shard.Key + 1}-of-00003.safetensors";
            SafetensorsWriter.Write(folder.File(name), shard.Select(pair => (pair.Key, pair.Value)));
            foreach (string key in shard.Select(pair => pair.Key))
                map[key] = name;
        }

        File.WriteAllText(folder.File("model.safetensors.index.json"),
            new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        File.Copy(Path.Combine(s_folder, "config.json"), folder.File("config.json"));
        using (VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(folder.Path))
            AssertLogits(model);

        File.Delete(folder.File("model-00002-of-00003.safetensors"));
        FileNotFoundException missing = Assert.ThrowsExactly<FileNotFoundException>(() =>
            VideoMaeForVideoClassification.FromPretrained(folder.Path));
        Assert.Contains("model-00002-of-00003.safetensors", missing.Message);

        map[map.First().Key] = "../model.safetensors";
        File.WriteAllText(folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = map.DeepClone() }.ToJsonString());
        Assert.Contains(
            "only files beside it",
            Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeForVideoClassification.FromPretrained(folder.Path)).Message);
    }

    [TestMethod]
    public void SeparateBiases_OfTransformers5_AreWrittenAndRead()
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_folder);
        model.SavePretrained(folder.File("v5"), separateBiases: true);
        string file = folder.File("v5/model.safetensors");
        using (SafetensorsContent content = SafetensorsReader.Load(file))
        {
            Assert.IsFalse(content.Tensors.Keys.Any(name => name.EndsWith("q_bias", System.StringComparison.Ordinal)));
            Assert.HasCount(3, content.Tensors.Keys.Where(name => name.EndsWith("key.bias", System.StringComparison.Ordinal)));
            using VideoMaeForVideoClassification again = VideoMaeForVideoClassification.FromPretrained(folder.File("v5"));
            Assert.IsTrue(again.LoadReport!.IsComplete, again.LoadReport.ToString());
            Assert.IsEmpty(again.LoadReport.Notes);
            AssertLogits(again);

            content.Tensors["videomae.encoder.layer.1.attention.attention.key.bias"].fill_(3);
            SafetensorsWriter.Write(file, content.Tensors.Select(pair => (pair.Key, pair.Value)));
        }

        using VideoMaeForVideoClassification biased = VideoMaeForVideoClassification.FromPretrained(folder.File("v5"));
        Assert.Contains("1 of 3 key biases", biased.LoadReport!.Notes.Single());
        AssertLogits(biased);
    }

    [TestMethod]
    public void OtherNumberOfClasses_GivesAFreshHeadAndSaysSo()
    {
        using var generator = new Generator(7);
        PretrainedOptions options = new()
        {
            Configure = config => config.WithLabels(["a", "b", "c"]),
            Generator = generator,
            InitScale = 0.001,
        };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_folder, options: options);
        CollectionAssert.AreEquivalent(new[] { "classifier.weight", "classifier.bias" }, model.LoadReport!.Reinitialized.ToArray());
        Assert.IsTrue(
            model.LoadReport.Notes.Any(note => note.Contains("[5, 48]") && note.Contains("[3, 48]")), model.LoadReport.ToString());
        Tensor head = model.get_parameter("classifier.weight")!;
        Assert.IsTrue(head.abs().max().item<float>() is > 0 and <= 0.00004f);
    }

    [TestMethod]
    public void PreTrainingCheckpoint_GivesAClassifierAFreshHeadWithoutDecoder()
    {
        PretrainedOptions options = new() { Configure = config => (config with { UseMeanPooling = true }).WithLabels(["a", "b", "c"]) };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(
            PathOf("tiny", "pretraining_layernorm"), options: options);
        KeyReport report = model.LoadReport!;
        CollectionAssert.AreEquivalent(
            new[] { "classifier.weight", "classifier.bias", "fc_norm.weight", "fc_norm.bias" }, report.Reinitialized.ToArray());
        CollectionAssert.AreEquivalent(report.Reinitialized.ToArray(), report.Missing.ToArray());
        Assert.IsTrue(report.Unexpected.Any(name => name.StartsWith("decoder.", System.StringComparison.Ordinal)));
        Assert.IsTrue(report.Notes.Any(note => note.Contains("decoder was dropped"))
                && report.Notes.Any(note => note.Contains("final layer norm was left out")),
            report.ToString());
    }

    [TestMethod]
    public void Classifier_AsPreTraining_GetsAFreshDecoderAndSaysSo()
    {
        using VideoMaeForPreTraining model = VideoMaeForPreTraining.FromPretrained(s_folder);
        Assert.Contains("no decoder", model.LoadReport!.Notes.Single());
        Assert.IsNotEmpty(model.LoadReport.Reinitialized);
        Assert.IsTrue(model.LoadReport.Reinitialized.All(name => !name.StartsWith("videomae.", System.StringComparison.Ordinal)));
        using VideoMaePreTrainingOutput output = model.forward(s_inputs["pixel_values"], s_inputs["bool_masked_pos"]);
        Assert.IsTrue(output.Loss!.item<float>() is > 0 and < 10);
    }

    [TestMethod]
    public void Encoder_AloneIsReadAndWritten()
    {
        using TemporaryFolder folder = new();
        using VideoMaeModel model = VideoMaeModel.FromPretrained(s_folder);
        model.SavePretrained(folder.File("encoder"));
        using VideoMaeModel again = VideoMaeModel.FromPretrained(folder.File("encoder"));
        Assert.IsTrue(again.LoadReport!.IsComplete, again.LoadReport.ToString());
        foreach (VideoMaeModel each in (VideoMaeModel[])[model, again])
        {
            using VideoMaeModelOutput output = each.forward(s_inputs["pixel_values"]);
            AssertValues(s_expected["last_hidden_state"], output.LastHiddenState, "last_hidden_state");
        }
    }

    [TestMethod]
    public void IncompleteBackbone_IsRefusedWithEveryName()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(s_folder, "config.json"), folder.File("config.json"));
        using SafetensorsContent content = SafetensorsReader.Load(Path.Combine(s_folder, "model.safetensors"));
        string[] dropped = ["videomae.encoder.layer.1.attention.attention.q_bias", "videomae.encoder.layer.2.output.dense.weight"];
        SafetensorsWriter.Write(folder.File("model.safetensors"),
            content.Tensors.Where(pair => !dropped.Contains(pair.Key)).Select(pair => (pair.Key, pair.Value)));
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => VideoMaeForVideoClassification.FromPretrained(folder.Path))
            .Message;
        foreach (string name in dropped)
            Assert.Contains($"{name} is missing.", message);
    }

    [TestMethod]
    public void OtherDepth_IsRefused()
    {
        foreach (int depth in (int[])[2, 4])
        {
            PretrainedOptions options = new() { Configure = config => config with { NumHiddenLayers = depth } };
            Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeForVideoClassification.FromPretrained(s_folder, options: options));
        }
    }

    [TestMethod]
    [DataRow("no/such/folder")]
    [DataRow("nowhere.pth")]
    public void MissingPath_IsAClearError(string path) =>
        Assert.Contains(
            $"'{path}' does not exist; give a folder",
            Assert.ThrowsExactly<FileNotFoundException>(() => VideoMaeModel.FromPretrained(path)).Message);

    [TestMethod]
    public void HubId_IsFoundInTheCache_WithoutNetwork()
    {
        using TemporaryFolder folder = new();
        PretrainedOptions options = new()
        {
            Hub = new HuggingFaceHubOptions { CacheFolder = folder.Path, Offline = true },
        };
        Assert.Contains(
            "some-org/tiny", Assert
                .ThrowsExactly<HubException>(() => VideoMaeForVideoClassification.FromPretrained("some-org/tiny", options: options))
                .Message);

        string revision = new('a', 40), snapshot = folder.File($"models--some-org--tiny/snapshots/{revision}");
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(folder.File("models--some-org--tiny/refs"));
        File.WriteAllText(folder.File("models--some-org--tiny/refs/main"), revision);
        foreach (string file in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(s_folder, file), Path.Combine(snapshot, file));
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained("some-org/tiny", options: options);
        AssertLogits(model);
    }

    [TestMethod]
    public void StoredPositions_AreLeftOutWhereTheyAreTheTable_AndRefusedWhereLearned()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(s_folder, "config.json"), folder.File("config.json"));
        using SafetensorsContent content = SafetensorsReader.Load(Path.Combine(s_folder, "model.safetensors"));
        using Tensor table = SinusoidPositions.Table(32, 48);
        void Write() =>
            SafetensorsWriter.Write(folder.File("model.safetensors"),
                content.Tensors.Select(pair => (pair.Key, pair.Value)).Append(("videomae.embeddings.position_embeddings", table)));
        Write();
        using (VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(folder.Path))
        {
            Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
            AssertLogits(model);
        }

        table.add_(0.1);
        Write();
        Assert.Contains(
            "learned positions",
            Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeForVideoClassification.FromPretrained(folder.Path)).Message);
    }

    [TestMethod]
    [DataRow(8, 48, 40)]
    [DataRow(2, 32, 32)]
    public void OtherFramesAndSize_AreInflated(int frames, int height, int width)
    {
        PretrainedOptions options = new()
        {
            Configure = config => config with { NumFrames = frames, ImageSize = new SpatialSize(height, width) },
        };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_folder, options: options);
        Assert.Contains("positions were worked out anew", model.LoadReport!.Notes.Single());
        using Tensor pixels = zeros([1, frames, 3, height, width]);
        using VideoMaeClassificationOutput output = model.forward(pixels, outputHiddenStates: true);
        Assert.AreEqual(frames / 2 * (height / 8) * (width / 8), output.HiddenStates![0].shape[1]);
        using Tensor positions = SinusoidPositions.Table(model.Config.NumPatches, 48);
        using Tensor bias = model.get_parameter("videomae.embeddings.patch_embeddings.projection.bias")!.detach();
        AssertClose(positions + bias, output.HiddenStates[0], "embeddings of black frames", 1e-6);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(6)]
    public void OtherChannels_OfTheSamePicture_GiveTheSameTokens(int channels)
    {
        PretrainedOptions options = new() { Configure = config => config with { NumChannels = channels } };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_folder, options: options);
        using VideoMaeForVideoClassification color = VideoMaeForVideoClassification.FromPretrained(s_folder);
        Assert.Contains($"from 3 to {channels} channels", model.LoadReport!.Notes.Single());
        using Tensor grey = s_inputs["pixel_values"].narrow(2, 0, 1);
        using VideoMaeClassificationOutput actual = model.forward(grey.expand(-1, -1, channels, -1, -1));
        using VideoMaeClassificationOutput expected = color.forward(grey.expand(-1, -1, 3, -1, -1));
        if (channels != 2) // Two of three kernels are not their mean.
            AssertClose(expected.Logits, actual.Logits, "logits", 1e-5);
        Assert.IsTrue(actual.Logits.isfinite().all().item<bool>());
    }

    /// <summary>What a checkpoint has learned is there from the first step on.</summary>
    [TestMethod]
    public void DifferencesFromTheMeanFrame_StartWithoutEffect()
    {
        PretrainedOptions options = new() { Configure = config => config with { UseMeanFrameDifference = true } };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_folder, options: options);
        using VideoMaeForVideoClassification plain = VideoMaeForVideoClassification.FromPretrained(s_folder);
        Assert.Contains("start with weights of zero", model.LoadReport!.Notes.Single());
        using VideoMaeClassificationOutput actual = model.forward(s_inputs["pixel_values"]);
        using VideoMaeClassificationOutput expected = plain.forward(s_inputs["pixel_values"]);
        AssertClose(expected.Logits, actual.Logits, "logits", 1e-6);
    }

    [TestMethod]
    public void Loading_LeavesNoTensorBehind()
    {
        string[] files = [s_folder, Path.Combine(s_folder, "pytorch_model.bin")];
        PretrainedOptions options = new() { Configure = config => (config with { NumChannels = 1 }).WithLabels(["a", "b"]) };
        void Load()
        {
            foreach (string file in files)
            {
                VideoMaeForVideoClassification.FromPretrained(file, ScalarType.BFloat16).Dispose();
                VideoMaeForVideoClassification.FromPretrained(file, options: options).Dispose();
            }
        }

        Load();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
            Load();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
