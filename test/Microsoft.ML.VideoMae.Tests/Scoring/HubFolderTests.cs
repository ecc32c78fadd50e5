// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>A folder for the hub: every file that Python writes, field by field, with the additions that are listed here.</summary>
[TestClass]
public sealed class HubFolderTests
{
    private static readonly string s_source = Transformers5.Folder("trainer_output/checkpoint-4");

    private static JsonObject Json(string file) => JsonNode.Parse(File.ReadAllText(file))!.AsObject();

    [TestMethod]
    public void Folder_HasEveryFileOfPythons_FieldByField()
    {
        using TemporaryFolder folder = new();
        var ml = new MLContext();
        using (VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(s_source))
            model.SavePretrained(folder.File("mine"));
        CollectionAssert.AreEquivalent(
            (string[])["README.md", "config.json", "model.safetensors", "preprocessor_config.json", "video_preprocessor_config.json"],
            Directory.GetFiles(folder.File("mine")).Select(Path.GetFileName).ToArray());
        foreach ((string file, string[] more) in ((string, string[])[])
            [("config.json", ["qkv_bias", "torch_dtype"]), ("video_preprocessor_config.json", ["frame_sampling"])])
        {
            JsonObject theirs = Json(Path.Combine(s_source, file)), ours = Json(folder.File($"mine/{file}"));
            foreach ((string name, JsonNode? value) in theirs)
                Assert.IsTrue(JsonNode.DeepEquals(value, ours[name]), $"{file}: {name} is {ours[name]}, not {value}.");
            CollectionAssert.AreEquivalent(more, ours.Select(f => f.Key).Except(theirs.Select(f => f.Key)).ToArray(), file);
        }

        using SafetensorsContent before = SafetensorsReader.Load(Path.Combine(s_source, "model.safetensors"));
        using SafetensorsContent after = SafetensorsReader.Load(folder.File("mine/model.safetensors"));
        CollectionAssert.AreEquivalent(before.Tensors.Keys.ToArray(), after.Tensors.Keys.ToArray());
        foreach ((string name, torch.Tensor value) in before.Tensors)
            Assert.IsTrue(value.allclose(after.Tensors[name], rtol: 0, atol: 0), name);
    }

    /// <summary>
    /// A model of each kind that was trained here: every file, and every field of Python's but its own version. Besides them are the old
    /// names of fields, the sampling, and what ours knows alone, where a model has it.
    /// </summary>
    [TestMethod]
    [DataRow("classifier", "classification/plain")]
    [DataRow("binary", "classification/one_label_regression")]
    [DataRow("regression", "classification/one_label_regression")]
    [DataRow("features", "classification/plain")]
    [DataRow("pretrained", "pretraining/plain")]
    [DataRow("anomaly", "pretraining/plain")]
    public void FolderOfEachKind_HasEveryFile_AndEveryFieldOfPythons(string kind, string reference)
    {
        using TemporaryFolder folder = new();
        ITransformer loaded = new MLContext().Model.Load(ReferenceFiles.Path($"today/{kind}.zip"), out _);
        using (var model = (VideoMaeScoringTransformer)loaded)
            model.SavePretrained(folder.File("mine"));
        CollectionAssert.AreEquivalent(
            (string[])["README.md", "config.json", "model.safetensors", "preprocessor_config.json", "video_preprocessor_config.json"],
            Directory.GetFiles(folder.File("mine")).Select(Path.GetFileName).ToArray());
        string processors = Transformers5.Folder("processors/saved");
        foreach ((string file, string theirs, string[] more) in ((string, string, string[])[])
            [
                ("config.json", Path.Combine(Transformers5.Folder(reference), "config.json"),
                    ["qkv_bias", "torch_dtype", "head_norm_eps", "use_attentive_pooling"]),
                ("video_preprocessor_config.json", Path.Combine(processors, "video_processor/video_preprocessor_config.json"),
                    ["frame_sampling"]),
                ("preprocessor_config.json", Path.Combine(processors, "image_processor/preprocessor_config.json"), ["frame_sampling"])])
        {
            string[] expected = [.. Json(theirs).Select(f => f.Key)], actual = [.. Json(folder.File($"mine/{file}")).Select(f => f.Key)];
            // What says which version of Python's library wrote it; and names of classes, which a model without classes has not.
            string[] ofClasses = ["id2label", "label2id", "problem_type"];
            Assert.IsEmpty(expected.Except(actual).Except(["transformers_version", "use_cache"]).Except(ofClasses), file);
            Assert.IsEmpty(actual.Except(expected).Except(more).Except(ofClasses), file);
        }

        using VideoMaePreTrainedModel again = VideoMaeAutoModel.FromPretrained(folder.File("mine"));
        Assert.IsTrue(again.LoadReport!.IsComplete, again.LoadReport.ToString());
        Assert.StartsWith("---\nlibrary_name: transformers\n", File.ReadAllText(folder.File("mine/README.md")));
    }

    [TestMethod]
    public void Sampling_OfAnExportedFolder_StaysAsItWas()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        var ml = new MLContext();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        MLVideo video = MLVideo.CreateFromFile(TestClips.Clip("red", 1));
        IReadOnlyList<KeyValuePair<string, float>> scores;
        using (VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(s_source, sampler: new DenseFrameSampler(4, 2)))
        {
            model.SavePretrained(folder.Path);
            scores = model.Predict(video);
        }

        using (VideoMaeClassificationTransformer again = ml.Model.LoadVideoMae(folder.Path))
            CollectionAssert.AreEqual(scores.ToArray(), again.Predict(video).ToArray());
        Assert.IsFalse(log.Any(line => line.StartsWith("Frames are sampled", StringComparison.Ordinal)));

        string file = folder.File("preprocessor_config.json");
        string text = File.ReadAllText(file);
        foreach ((string sampling, string message) in ((string, string)[])
            [("dense(5,2,repeat)", "and the model takes 4 frames"), ("often", "is not a frame sampler")])
        {
            File.WriteAllText(file, text.Replace("dense(4,2,repeat)", sampling, StringComparison.Ordinal));
            Assert.Contains(message, Assert.ThrowsExactly<InvalidDataException>(() => ml.Model.LoadVideoMae(folder.Path)).Message);
        }
    }

    /// <summary>A processor that resizes to more than it cuts out is taken as it is: pixels are those of Python.</summary>
    [TestMethod]
    public void Processor_ThatCutsLessThanItResizes_StaysAsItIs()
    {
        using TemporaryFolder folder = new();
        Transformers5.Copy("trainer_output/checkpoint-4", folder.Path);
        JsonObject settings = Json(folder.File("video_preprocessor_config.json"));
        int edge = (int)settings["crop_size"]!["height"]!;
        settings["size"] = new JsonObject { ["shortest_edge"] = edge + 8 };
        File.WriteAllText(folder.File("video_preprocessor_config.json"), settings.ToJsonString());
        VideoMaeImageProcessor own = VideoMaeVideoProcessor.FromPretrained(folder.Path).ImageProcessor;
        using VideoMaeClassificationTransformer model = new MLContext().Model.LoadVideoMae(folder.Path);
        Assert.AreEqual(edge + 8, model.Processor.Options.Size.ShortestEdge);
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(TestClips.Clip("red", 1)));
        CollectionAssert.AreEqual(own.Process(frames), model.Processor.Process(frames));
        // Another size of model, or another way that is asked for, makes it fit.
        Assert.AreEqual(2 * edge, ClipProcessor.Fit(own, 2 * edge, 2 * edge).Options.Size.ShortestEdge);
        Assert.AreEqual(edge, ClipProcessor.Fit(own, edge, edge, FrameResizing.IsoCrop).Options.Size.ShortestEdge);
    }

    [TestMethod]
    public void Checkpoint_WithoutAProcessor_IsSampledAsBefore()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        var ml = new MLContext();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        Transformers5.Copy("classification/plain", folder.Path);
        MLVideo video = MLVideo.CreateFromFile(TestClips.Clip("red", 1));
        using VideoMaeClassificationTransformer given = ml.Model.LoadVideoMae(folder.Path, sampler: new UniformFrameSampler(4));
        using VideoMaeClassificationTransformer taken = ml.Model.LoadVideoMae(folder.Path);
        CollectionAssert.AreEqual(given.Predict(video).ToArray(), taken.Predict(video).ToArray());
        Assert.IsFalse(log.Any(line => line.StartsWith("Frames are sampled", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Card_HasTheYamlOfTheHub()
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_source);
        VideoMaeModelCard card = new()
        {
            Trainer = "VideoMaeTrainer",
            PackageVersion = "1.0.0",
            IntendedUse = "tests",
            TrainingClips = 10,
            ValidationClips = 4,
            SkippedClips = 0,
            ClipsPerClass = new Dictionary<string, int> { ["a"] = 5, ["b"] = 5 },
            Settings = new Dictionary<string, string> { ["PretrainedModel"] = "MCG-NJU/videomae-base@main", ["Seed"] = "1" },
            Metrics = new Dictionary<string, double> { ["ValidationAccuracy"] = 0.75, ["TrainingLoss"] = double.NaN },
        };
        model.Source = null; // As in a .zip of an earlier version, whose card alone says where the weights came from.
        string text = HubCard.Text("mine", model, card);
        string[] yaml = text.Split("---\n")[1].Split('\n');
        foreach (string line in (string[])
                [
                    "library_name: transformers", "pipeline_tag: video-classification", "base_model: MCG-NJU/videomae-base",
                    "license: cc-by-nc-4.0", "metrics:", "- accuracy", "model-index:", "      value: 0.75",
                    "      name: 4 validation clips", "      split: validation"])
            CollectionAssert.Contains(yaml, line);
        foreach (string part in (string[])
                [
                    "pipeline(\"video-classification\", model=\"mine\")", "LoadVideoMae(\"mine\")", "Training clips per class: a 5, b 5",
                    "5 classes: class 0"])
            Assert.Contains(part, text);

        text = HubCard.Text(
            "mine", model, card with
            {
                Settings = new Dictionary<string, string> { ["PretrainedModel"] = "/home/anna/secret/base.pth" },
            });
        Assert.DoesNotContain("license:", text);
        Assert.DoesNotContain("base_model:", text);
        Assert.DoesNotContain("/home/anna", text);
        Assert.Contains("| PretrainedModel | base.pth |", text);
        Assert.DoesNotContain("model-index", HubCard.Text("mine", model, card: null));
    }

    [TestMethod]
    public void Card_OfSomebodyElse_Stays()
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_source);
        File.WriteAllText(folder.File("README.md"), "mine");
        model.SavePretrained(folder.Path);
        Assert.AreEqual("mine", File.ReadAllText(folder.File("README.md")));
        File.Delete(folder.File("README.md"));
        model.SavePretrained(folder.Path);
        string first = File.ReadAllText(folder.File("README.md"));
        model.SavePretrained(folder.Path);
        Assert.AreEqual(first, File.ReadAllText(folder.File("README.md")));
        Assert.Contains("library_name: transformers", first);
    }
}
