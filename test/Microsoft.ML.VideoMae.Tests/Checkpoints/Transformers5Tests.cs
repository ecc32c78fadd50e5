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
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>
/// What transformers 5.23 and PyTorch 2.14 left on a disk: all of it loads without a word too many and gives the same numbers.
/// </summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class Transformers5Tests
{
    private const string Plain = "classification/plain";

    // The count is that of all tensors in the file but the inputs: nothing is left out of the comparison.
    [TestMethod]
    [DataRow(Plain, 7)]
    [DataRow("classification/no_bias", 7)]
    [DataRow("classification/cls_token", 7)]
    [DataRow("classification/rectangle", 7)]
    [DataRow("classification/rect_patch", 7)]
    [DataRow("classification/bfloat16", 7)]
    [DataRow("classification/float16", 7)]
    [DataRow("classification/multi_label", 7)]
    [DataRow("classification/names", 7)]
    [DataRow("classification/sharded", 7)]
    [DataRow("classification/one_label_regression", 7)]
    [DataRow("pretraining/plain", 55)]
    [DataRow("pretraining/plain_targets", 55)]
    [DataRow("pretraining/layernorm", 57)]
    [DataRow("encoder", 2)]
    [DataRow("torch_save/state_dict", 1)]
    [DataRow("torch_save/compiled", 1)]
    [DataRow("torch_save/data_parallel", 1)]
    [DataRow("torch_save/lightning", 1)]
    [DataRow("torch_save/legacy_names", 1)]
    [DataRow("trainer_output", 1)]
    [DataRow("trainer_output/checkpoint-2", 1)]
    public void Folder_LoadsAndGivesTheSameNumbers(string name, int count)
    {
        string folder = Transformers5.Folder(name);
        string expected = name == "trainer_output/checkpoint-2" ? Transformers5.Folder("trainer_output/expected-checkpoint-2.safetensors")
            : Path.Combine(folder, "expected.safetensors");
        ReferenceVerification result = ReferenceVerifier.Verify(folder, expected);
        Assert.IsTrue(result.Passed, string.Join(Environment.NewLine, result.Comparisons.Where(comparison => !comparison.Passed)));
        Assert.HasCount(count, result.Comparisons);
        Assert.IsEmpty(result.Skipped);
        Assert.IsTrue(result.LoadReport.IsComplete, result.LoadReport.ToString());
        if (name == "torch_save/lightning")
            Assert.Contains("last.ckpt was taken: it alone has the weights of a model", result.LoadReport.Notes.Single());
        else if (name == "trainer_output")
            Assert.Contains("checkpoint-2, checkpoint-4: checkpoint-4, the newest, was taken", result.LoadReport.Notes.Single());
        else
            Assert.IsEmpty(result.LoadReport.Notes);
    }

    /// <summary>
    /// Compared with the class VideoMAEConfig of 5.23: every field that it writes is read into one of ours or kept, and written again with
    /// the same value; every default is ours; a size is a number or a list; a type is called dtype; qkv_bias is called qv_bias. Ours
    /// besides: the old names torch_dtype and qkv_bias, for transformers 4.
    /// </summary>
    [TestMethod]
    public void Config_HasTheFieldsOf523()
    {
        string[] kept = ["architectures", "transformers_version", "use_cache"];
        foreach (string name in (string[])[Plain, "classification/no_bias", "classification/rectangle", "classification/rect_patch",
            "classification/multi_label", "classification/bfloat16", "encoder", "pretraining/plain", "trainer_output/checkpoint-4"])
        {
            string file = Path.Combine(Transformers5.Folder(name), "config.json");
            VideoMaeConfig config = VideoMaeConfig.Load(file);
            JsonObject before = JsonNode.Parse(File.ReadAllText(file))!.AsObject(), after = JsonNode.Parse(config.ToJson())!.AsObject();
            foreach ((string field, JsonNode? value) in before)
                Assert.IsTrue(JsonNode.DeepEquals(NumberOfSquare(value), after[field]),
                    $"{name}: {field} is {value} and becomes " + $"{after[field]}.");
            CollectionAssert.AreEquivalent(
                (string[])["qkv_bias", "torch_dtype"],
                after.Select(f => f.Key).Except(before.Select(f => f.Key)).ToArray(), name);
            Assert.IsEmpty(config.AdditionalFields.Keys.Except(kept), name);
            Assert.AreEqual(name != "classification/no_bias", config.QkvBias);
        }

        // A file with nothing in it has the defaults of the class.
        (string Field, JsonNode Value)[] defaults =
        [
            ("image_size", 224), ("patch_size", 16), ("num_channels", 3), ("num_frames", 16), ("tubelet_size", 2), ("hidden_size", 768),
            ("num_hidden_layers", 12), ("num_attention_heads", 12), ("intermediate_size", 3072), ("hidden_act", "gelu"),
            ("hidden_dropout_prob", 0.0), ("attention_probs_dropout_prob", 0.0), ("initializer_range", 0.02), ("layer_norm_eps", 1e-12),
            ("qv_bias", true), ("use_mean_pooling", true), ("decoder_num_attention_heads", 6), ("decoder_hidden_size", 384),
            ("decoder_num_hidden_layers", 4), ("decoder_intermediate_size", 1536), ("norm_pix_loss", true), ("model_type", "videomae"),
        ];
        JsonObject written = JsonNode.Parse(VideoMaeConfig.FromJson("{}").ToJson())!.AsObject();
        foreach ((string field, JsonNode value) in defaults)
            Assert.IsTrue(JsonNode.DeepEquals(value, written[field]), $"{field} is {written[field]}, not {value}.");
        CollectionAssert.AreEquivalent((string[])["qkv_bias"], written.Select(f => f.Key).Except(defaults.Select(f => f.Field)).ToArray());
    }

    /// <summary>A list of two equal sides is written as the number that it stands for.</summary>
    internal static JsonNode? NumberOfSquare(JsonNode? value) =>
        value is JsonArray { Count: 2 } pair && JsonNode.DeepEquals(pair[0], pair[1]) ? pair[0] : value;

    [TestMethod]
    [DataRow("""{"qv_bias":false}""", false)]
    [DataRow("""{"qkv_bias":false}""", false)]
    [DataRow("""{"qv_bias":false,"qkv_bias":false}""", false)]
    [DataRow("""{"qv_bias":null}""", true)]
    public void Bias_HasAnOldAndANewName(string json, bool expected)
    {
        VideoMaeConfig config = VideoMaeConfig.FromJson(json);
        Assert.AreEqual(expected, config.QkvBias);
        JsonObject written = JsonNode.Parse(config.ToJson())!.AsObject();
        Assert.AreEqual(expected, (bool)written["qv_bias"]!);
        Assert.AreEqual(expected, (bool)written["qkv_bias"]!);
        // The names of stored runs have the old name alone.
        Assert.IsFalse(JsonNode.Parse(config.ToIdentity())!.AsObject().ContainsKey("qv_bias"));
    }

    [TestMethod]
    public void Bias_NamesThatDisagree_AreAProblem() => Assert.Contains("qkv_bias is true but qv_bias, its new name, is false",
        Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeConfig.FromJson("""{"qv_bias":false,"qkv_bias":true}""")).Message);

    [TestMethod]
    [DataRow(Plain, false, "have 4 biases in the weights, and the configuration says that they have none")]
    [DataRow("classification/no_bias", true, "have no biases in the weights, and the configuration says that they have some")]
    public void Bias_OfTheWeightsAndNotOfTheConfig_IsNamedOnce(string name, bool says, string message)
    {
        PretrainedOptions options = new() { Configure = config => config with { QkvBias = says } };
        string error = Assert.ThrowsExactly<InvalidDataException>(
            () => VideoMaeForVideoClassification.FromPretrained(Transformers5.Folder(name), options: options)).Message;
        Assert.Contains(message, error);
        Assert.Contains("qv_bias", error);
        Assert.DoesNotContain("is missing", error);
        Assert.DoesNotContain("has no place", error);
    }

    [TestMethod]
    public void FolderOfATrainer_TakesTheBestAndSaysSo()
    {
        using TemporaryFolder folder = new();
        Transformers5.Copy("trainer_output", folder.Path);
        File.WriteAllBytes(folder.File("checkpoint-4/optimizer.pt"), [1]);
        Directory.CreateDirectory(folder.File("checkpoint-40")); // Half written: no weights.
        string state = folder.File("checkpoint-4/trainer_state.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(state))!.AsObject();
        json["best_model_checkpoint"] = "C:\\runs\\out\\checkpoint-2";
        File.WriteAllText(state, json.ToJsonString());
        using (PretrainedFiles files = PretrainedFiles.Find(folder.Path))
        {
            Assert.AreEqual(folder.File("checkpoint-2/model.safetensors"), files.WeightsPath);
            Assert.Contains("checkpoint-2, the best by trainer_state.json, was taken; the newest is checkpoint-4", files.Notes.Single());
        }

        json["best_model_checkpoint"] = "/runs/out/checkpoint-3";
        File.WriteAllText(state, json.ToJsonString());
        using (PretrainedFiles files = PretrainedFiles.Find(folder.Path))
        {
            Assert.AreEqual(folder.File("checkpoint-4/model.safetensors"), files.WeightsPath);
            Assert.Contains("calls checkpoint-3 the best, which is not there", files.Notes.Single());
        }

        File.WriteAllText(state, "{");
        using PretrainedFiles newest = PretrainedFiles.Find(folder.Path);
        Assert.Contains("checkpoint-4, the newest, was taken.", newest.Notes.Single());
    }

    [TestMethod]
    public void RunFromATrainersFolder_IsAnotherOneWhenTheTrainerWentOn()
    {
        using TemporaryFolder folder = new();
        Transformers5.Copy("trainer_output", folder.Path);
        string Name() => RunIdentity.OfRun(new VideoMaeTrainer.Options { PretrainedModel = folder.Path }, ["a", "b"], [], []);
        string before = Name();
        Assert.AreEqual(before, Name());
        Transformers5.Copy("trainer_output/checkpoint-4", folder.File("checkpoint-6"));
        Assert.AreNotEqual(before, Name());
    }

    [TestMethod]
    public void RepositoryInTheCache_IsFoundByItsFolder()
    {
        using TemporaryFolder folder = new();
        string first = new('a', 40), second = new('b', 40);
        Transformers5.Copy(Plain, folder.File($"models--org--name/snapshots/{first}"));
        foreach (string place in (string[])["models--org--name", "models--org--name/snapshots"])
        {
            using PretrainedFiles files = PretrainedFiles.Find(folder.File(place));
            Assert.Contains($"revision {first} was taken.", files.Notes.Single());
        }

        Transformers5.Copy(Plain, folder.File($"models--org--name/snapshots/{second}"));
        Assert.Contains($"2 revisions on disk: {first}, {second}",
            Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedFiles.Find(folder.File("models--org--name"))).Message);
        Directory.CreateDirectory(folder.File("models--org--name/refs"));
        File.WriteAllText(folder.File("models--org--name/refs/main"), second);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder.File("models--org--name"));
        Assert.Contains($"revision {second} (main) was taken of {first}, {second}.", model.LoadReport!.Notes.Single());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("model/")]
    public void ZipOfAFolder_IsReadAndLeavesNothingBehind(string root)
    {
        using TemporaryFolder folder = new();
        string zip = folder.File("model.zip");
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            foreach (string file in (string[])["config.json", "model.safetensors"])
                archive.CreateEntryFromFile(Path.Combine(Transformers5.Folder(Plain), file), root + file);
            archive.CreateEntryFromFile(Path.Combine(Transformers5.Folder(Plain), "config.json"), $"{root}../escaped.json");
        }

        string unpacked;
        using (PretrainedFiles files = PretrainedFiles.Find(zip))
        {
            unpacked = files.FolderPath;
            CollectionAssert.AreEquivalent(
                (string[])["config.json", "model.safetensors"], Directory.GetFiles(unpacked).Select(Path.GetFileName).ToArray());
        }

        Assert.IsFalse(Directory.Exists(unpacked));
        ReferenceVerification result = ReferenceVerifier.Verify(zip, Path.Combine(Transformers5.Folder(Plain), "expected.safetensors"));
        Assert.IsTrue(result.Passed);
    }

    [TestMethod]
    public void SeveralCandidates_AreListed()
    {
        using TemporaryFolder folder = new();
        string source = Transformers5.Folder("torch_save/lightning");
        File.Copy(Path.Combine(source, "config.json"), folder.File("config.json"));
        File.Copy(Path.Combine(source, "last.ckpt"), folder.File("epoch=1-step=20.ckpt"));
        File.Copy(Path.Combine(source, "last.ckpt"), folder.File("last.ckpt"));
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedFiles.Find(folder.Path)).Message;
        Assert.Contains("several files with weights: epoch=1-step=20.ckpt, last.ckpt. Give the path of one of them", message);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder.File("last.ckpt"));
        Assert.IsTrue(model.LoadReport!.IsComplete);
    }

    [TestMethod]
    public void ModuleOfOnesOwn_WithOtherThingsBesideTheModel_IsRead()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Transformers5.Folder(Plain), "config.json"), folder.File("config.json"));
        using SafetensorsContent content = SafetensorsReader.Load(Path.Combine(Transformers5.Folder(Plain), "model.safetensors"));
        using Tensor total = ones(3);
        SafetensorsWriter.Write(folder.File("weights.safetensors"),
            [.. content.Tensors.Select(pair => ($"net.{pair.Key}", pair.Value)), ("accuracy.total", total), ("classifier.weight", total)]);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder.Path);
        Assert.IsEmpty(model.LoadReport!.Missing);
        CollectionAssert.AreEquivalent((string[])["accuracy.total (beside the model)", "classifier.weight (beside the model)"],
            model.LoadReport.Unexpected.ToArray());

        SafetensorsWriter.Write(folder.File("weights.safetensors"),
            content.Tensors.SelectMany(pair => ((string, Tensor)[])[($"net.{pair.Key}", pair.Value), ($"ema.{pair.Key}", pair.Value)]));
        string message = Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeAutoModel.FromPretrained(folder.Path)).Message;
        Assert.Contains("of 2 models: ", message);
        Assert.Contains("torch.save(", message);
    }

    [TestMethod]
    public void Adapter_IsRefusedByNameWithThePythonLine()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("adapter_config.json"), """{"peft_type":"LORA","base_model_name_or_path":"MCG-NJU/videomae-base"}""");
        File.WriteAllBytes(folder.File("adapter_model.safetensors"), []);
        foreach (string path in (string[])[folder.Path, folder.File("adapter_model.safetensors")])
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedFiles.Find(path)).Message;
            Assert.Contains("a PEFT adapter (adapter_config.json) for 'MCG-NJU/videomae-base'", message);
            Assert.Contains("merge_and_unload().save_pretrained('merged')", message);
        }

        using Tensor some = ones(2, 2);
        SafetensorsWriter.Write(folder.File("lora.safetensors"),
            [("base_model.model.videomae.encoder.layer.0.attention.attention.query.lora_A.weight", some)]);
        Assert.Contains(
            "PEFT adapter",
            Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeAutoModel.FromPretrained(folder.File("lora.safetensors"))).Message);
    }

    [TestMethod]
    public void QuantisedWeights_AreRefusedByNameWithThePythonLine()
    {
        using TemporaryFolder folder = new();
        Transformers5.Copy(Plain, folder.Path);
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!.AsObject();
        config["quantization_config"] = new JsonObject { ["quant_method"] = "bitsandbytes", ["load_in_8bit"] = true };
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        string message = Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeAutoModel.FromPretrained(folder.Path)).Message;
        Assert.Contains("quantised weights (quantization_config in config.json, bitsandbytes)", message);
        Assert.Contains(".dequantize().save_pretrained('plain')", message);
    }

    /// <summary>The pickle of torch.save(model): the first thing in it is the model's class.</summary>
    [TestMethod]
    [DataRow("transformers.models.videomae.modeling_videomae", "VideoMAEForVideoClassification", ".save_pretrained('FOLDER')")]
    [DataRow("modeling_finetune", "VisionTransformer", ".state_dict(), 'weights.pth')")]
    public void WholePickledModel_IsRefusedByNameWithThePythonLine(string module, string name, string line)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("model.pt");
        byte[] bytes = [0x80, 2, .. System.Text.Encoding.ASCII.GetBytes($"c{module}\n{name}\n"), (byte)')', 0x81, (byte)'.'];
        using (var zip = ZipFile.Open(file, ZipArchiveMode.Create))
        using (Stream pickle = zip.CreateEntry("model/data.pkl").Open())
            pickle.Write(bytes);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeAutoModel.FromPretrained(file)).Message;
        Assert.Contains($"{module}.{name}", message);
        Assert.Contains("whole pickled model", message);
        Assert.Contains(line, message);
    }
}

/// <summary>
/// The data of transformers 5.23: what is committed, or else what lies beside the real videos, which are too large together.
/// </summary>
internal static class Transformers5
{
    private const string Name = "transformers-5.23";

    /// <summary>The full path of a folder or file; the test is Inconclusive where it is not at hand.</summary>
    public static string Folder(string name)
    {
        string committed = PathOf(Name, name);
        if (Directory.Exists(committed) || File.Exists(committed))
            return committed;
        string beside = Path.GetFullPath(Path.Combine(ReferenceFiles.Videos, "..", "reference", Name, name));
        if (!Directory.Exists(beside) && !File.Exists(beside))
            Assert.Inconclusive($"This test needs '{beside}': data of transformers 5.23, beside the folder that VIDEOMAE_TEST_DATA names.");
        return beside;
    }

    /// <summary>Copies a folder, without what is expected of it.</summary>
    public static void Copy(string name, string target)
    {
        string source = Folder(name);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith("expected", StringComparison.Ordinal)))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
