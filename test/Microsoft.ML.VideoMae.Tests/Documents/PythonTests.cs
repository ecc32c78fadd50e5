// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.ML.VideoMae.Tests.Cli;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>docs/python.md: each line of its first table is done here.</summary>
[TestClass]
public sealed class PythonTests
{
    private const string Document = "docs/python.md";
    private static readonly string s_plain = Transformers5.Folder("classification/plain");

    private static readonly Dictionary<string, Action<TemporaryFolder>> s_lines = new(StringComparer.Ordinal)
    {
        ["a folder of `save_pretrained`, of transformers 4 or 5"] = _ => AssertLogits(s_plain, "classification/plain"),
        ["the output folder of `Trainer`"] = folder =>
        {
            Transformers5.Copy("trainer_output", folder.Path);
            AssertLogits(folder.Path, "trainer_output");
        },
        ["`torch.save(model.state_dict(), ...)` beside a `config.json`"] = folder =>
        {
            Transformers5.Copy("torch_save/state_dict", folder.Path);
            File.Move(folder.File("pytorch_model.bin"), folder.File("mine.pth"));
            AssertLogits(folder.Path, "torch_save/state_dict");
        },
        ["a Lightning `.ckpt` beside a `config.json`"] = folder =>
        {
            Transformers5.Copy("torch_save/lightning", folder.Path);
            AssertLogits(folder.Path, "torch_save/lightning");
        },
        ["`model.safetensors` beside a `config.json`"] = _ =>
            AssertLogits(Path.Combine(s_plain, "model.safetensors"), "classification/plain"),
        ["a zip of a folder"] = folder =>
        {
            Transformers5.Copy("classification/plain", folder.File("model"));
            ZipFile.CreateFromDirectory(
                folder.File("model"), folder.File("model.zip"), CompressionLevel.NoCompression, includeBaseDirectory: true);
            AssertLogits(folder.File("model.zip"), "classification/plain");
            using VideoMaeClassificationTransformer scoring = new MLContext().Model.LoadVideoMae(folder.File("model.zip"));
            Assert.AreEqual(5, scoring.Config.NumLabels);
        },
        ["a repository in the hub's cache"] = folder =>
        {
            Transformers5.Copy("classification/plain", folder.File($"models--org--name/snapshots/{new string('a', 40)}"));
            AssertLogits(folder.File("models--org--name"), "classification/plain");
        },
        ["an id on the hub"] = folder =>
        {
            Transformers5.Copy("classification/plain", folder.File($"models--org--name/snapshots/{new string('a', 40)}"));
            Directory.CreateDirectory(folder.File("models--org--name/refs"));
            File.WriteAllText(folder.File("models--org--name/refs/main"), new string('a', 40));
            PretrainedOptions options = new() { Hub = new HuggingFaceHubOptions { CacheFolder = folder.Path, Offline = true } };
            using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained("org/name", options);
            Assert.IsTrue(model.LoadReport!.IsComplete);
        },
        ["a PEFT adapter"] = folder =>
        {
            File.WriteAllText(folder.File("adapter_config.json"), "{}");
            AssertRefused(folder.Path, "merge_and_unload()");
        },
        ["a whole model of `torch.save(model, ...)`"] = folder =>
        {
            byte[] pickle =
            [
                0x80, 2, .. "ctransformers.models.videomae.modeling_videomae\nVideoMAEForVideoClassification\n"u8, (byte)')', 0x81,
                (byte)'.'];
            using (ZipArchive zip = ZipFile.Open(folder.File("model.pt"), ZipArchiveMode.Create))
            using (Stream stream = zip.CreateEntry("model/data.pkl").Open())
                stream.Write(pickle);
            AssertRefused(folder.File("model.pt"), "save_pretrained('FOLDER')");
        },
        ["quantised weights"] = folder =>
        {
            Transformers5.Copy("classification/plain", folder.Path);
            JsonObject config = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!.AsObject();
            config["quantization_config"] = new JsonObject();
            File.WriteAllText(folder.File("config.json"), config.ToJsonString());
            AssertRefused(folder.Path, "dequantize()");
        },
        ["`pipeline(\"video-classification\", model=FOLDER)(file)`"] = _ =>
        {
            List<string> log = [];
            var ml = new MLContext();
            ml.Log += (_, e) => log.Add(e.RawMessage);
            using VideoMaeClassificationTransformer scoring = ml.Model.LoadVideoMae(Transformers5.Folder("trainer_output/checkpoint-4"));
            Assert.HasCount(5, scoring.Predict(MLVideo.CreateFromFile(TestClips.Clip("blue", 1))));
            Assert.HasCount(1, log.Where(line => line.StartsWith("Frames are sampled as uniform(4,start)", StringComparison.Ordinal)));
        },
        ["`VideoMAEImageProcessor.from_pretrained(FOLDER)`"] = _ => Assert.AreEqual(ProcessorBackend.Pillow,
            VideoMaeImageProcessor.FromPretrained(Transformers5.Folder("processors/saved/image_processor_pil")).Options.Backend),
        ["`VideoMAEVideoProcessor.from_pretrained(FOLDER)`"] = _ => Assert.AreEqual(ProcessorBackend.Torchvision,
            VideoMaeVideoProcessor.FromPretrained(Transformers5.Folder("processors/saved/video_processor")).Options.Backend),
        ["`model(pixel_values, labels=labels).loss`"] = _ =>
        {
            using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(s_plain);
            using SafetensorsContent expected = SafetensorsReader.Load(Path.Combine(s_plain, "expected.safetensors"));
            using VideoMaeClassificationOutput output = model.forward(expected.Tensors["pixel_values"], expected.Tensors["labels"]);
            Assert.AreEqual(expected.Tensors["loss"].item<float>(), output.Loss!.item<float>(), 2e-6);
        },
        ["`model(pixel_values, bool_masked_pos=mask)`"] = _ =>
        {
            string source = Transformers5.Folder("pretraining/plain");
            using VideoMaeForPreTraining model = VideoMaeForPreTraining.FromPretrained(source);
            using SafetensorsContent expected = SafetensorsReader.Load(Path.Combine(source, "expected.safetensors"));
            using VideoMaePreTrainingOutput output = model.forward(expected.Tensors["pixel_values"], expected.Tensors["bool_masked_pos"]);
            Assert.AreEqual(expected.Tensors["loss"].item<float>(), output.Loss!.item<float>(), 2e-6);
        },
        ["tensors that Python recorded"] = _ =>
        {
            (int code, string output, string errors) = Tool.Run(
                "verify", s_plain, "--reference", Path.Combine(s_plain, "expected.safetensors"));
            Assert.AreEqual(0, code, errors);
            Assert.Contains("7 of 7 within tolerance", output);
        },
        ["a script that scores a folder of files"] = _ => Verbs(),
        ["a card with a licence, `README.md`"] = folder =>
        {
            Transformers5.Copy("trainer_output/checkpoint-4", folder.Path);
            File.WriteAllText(folder.File("README.md"), "---\nlicense: cc-by-nc-4.0\n---\n");
            using VideoMaeClassificationTransformer model = new MLContext().Model.LoadVideoMae(folder.Path);
            Assert.IsTrue(model.Source!.ForbidsCommercialUse);
            Assert.Contains("Licence: cc-by-nc-4.0. It allows no commercial use", Tool.Run("inspect", folder.Path).Output);
        },
        ["`model.save_pretrained(FOLDER, max_shard_size=\"2GB\")`"] = folder =>
        {
            string source = Transformers5.Folder("classification/sharded");
            using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(source);
            model.SavePretrained(folder.Path, options: new() { MaxShardBytes = 60_000 });
            Assert.AreEqual(File.ReadAllText(Path.Combine(source, "model.safetensors.index.json")).ReplaceLineEndings("\n"),
                File.ReadAllText(folder.File("model.safetensors.index.json")));
            Assert.AreEqual(5_000_000_000, new PretrainedSaveOptions().MaxShardBytes);
        },
        ["`torch.onnx.export(model, ...)`"] = folder => Onnx(folder, OnnxModels.Logits),
        ["the processor and the model as one ONNX model"] = folder => Onnx(folder, OnnxModels.Probabilities, "--onnx-input", "Frames"),
        ["`VideoMAEModel(...).last_hidden_state.mean(1)` in ONNX"] = folder =>
            Onnx(folder, OnnxModels.Features, "--onnx-output", "Features"),
    };

    /// <summary>A checkpoint becomes an ONNX model that ONNX Runtime loads, with an output.</summary>
    private static void Onnx(TemporaryFolder folder, string output, params string[] options)
    {
        string file = folder.File("model.onnx");
        (int code, _, string errors) = Tool.Run(
            ["convert", Transformers5.Folder("trainer_output/checkpoint-4"), "--output", file, .. options]);
        Assert.AreEqual(0, code, errors);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(file);
        Assert.IsTrue(session.OutputMetadata.ContainsKey(output), output);
        Assert.IsTrue(session.InputMetadata.ContainsKey(options.Contains("Frames") ? OnnxModels.Frames : OnnxModels.PixelValues));
        Assert.AreEqual("uniform(4,start)", session.ModelMetadata.CustomMetadataMap["frame_sampling"]);
    }

    [TestMethod]
    public void EveryLine_IsTested()
    {
        string[] lines = Table();
        CollectionAssert.AreEqual(lines, s_lines.Keys.ToArray());
    }

    [TestMethod]
    public void EveryLine_Holds()
    {
        foreach ((string line, Action<TemporaryFolder> test) in s_lines)
        {
            using TemporaryFolder folder = new();
            try
            {
                test(folder);
            }
            catch (Exception e) when (e is not AssertInconclusiveException)
            {
                throw new AssertFailedException($"{line}: {e.Message}", e);
            }
        }
    }

    /// <summary>predict, evaluate and explain take a checkpoint, and give what the same one gives as a .zip.</summary>
    private static void Verbs()
    {
        string checkpoint = Transformers5.Folder("trainer_output/checkpoint-4"), clip = TestClips.Clip("blue", 1);
        string zip = Path.Combine(Tool.Folder, "from-python.zip"), png = Path.Combine(Tool.Folder, "from-python.png");
        Assert.AreEqual(0, Tool.Run("convert", checkpoint, "--output", zip).Code);
        (int code, string output, string errors) = Tool.Run("predict", checkpoint, clip);
        Assert.AreEqual(0, code, errors);
        Assert.AreEqual(Tool.Run("predict", zip, clip).Output, output);
        Assert.Contains("Frames are sampled as uniform(4,start)", errors);
        Assert.DoesNotContain("Warning", errors);
        (code, _, errors) = Tool.Run("explain", checkpoint, clip, "--output", png);
        Assert.AreEqual(0, code, errors);
        string set = Directory.CreateDirectory(Path.Combine(Tool.Folder, "from-python")).FullName;
        foreach ((string name, string colour) in ((string, string)[])[("class 0", "blue"), ("class 1", "red")])
        {
            Directory.CreateDirectory(Path.Combine(set, name));
            File.Copy(TestClips.Clip(colour, 2), Path.Combine(set, name, "a.mp4"), overwrite: true);
        }

        (code, output, errors) = Tool.Run("evaluate", checkpoint, "--dataset", set, "--json");
        Assert.AreEqual(0, code, errors);
        Assert.AreEqual(
            Tool.Run("evaluate", zip, "--dataset", set, "--json").Output.Split("\"clipsPerSecond\"")[0],
            output.Split("\"clipsPerSecond\"")[0]);
    }

    private static string[] Table() =>
        [.. DocumentCode.Lines(Document).SkipWhile(line => !line.StartsWith("| you have", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split(" | ")[0][2..])];

    private static void AssertLogits(string model, string source)
    {
        ReferenceVerification result = ReferenceVerifier.Verify(model, Path.Combine(Transformers5.Folder(source), "expected.safetensors"));
        Assert.IsTrue(result.Passed && result.LoadReport.IsComplete, result.LoadReport.ToString());
        using VideoMaeClassificationTransformer scoring = new MLContext().Model.LoadVideoMae(model);
        Assert.AreEqual(5, scoring.Config.NumLabels);
    }

    private static void AssertRefused(string path, string advice) => Assert.Contains(advice,
        Assert.ThrowsExactly<InvalidDataException>(() => new MLContext().Model.LoadVideoMae(path)).Message);
}
