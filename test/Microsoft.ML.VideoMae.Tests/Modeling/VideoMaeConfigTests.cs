// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class VideoMaeConfigTests
{
    [TestMethod]
    public void EveryReferenceConfig_ComesBackWithNothingLost()
    {
        string[] files = Directory.GetFiles(PathOf(), "config.json", SearchOption.AllDirectories);
        Assert.IsGreaterThan(25, files.Length);
        foreach (string file in files)
        {
            JsonObject before = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            JsonObject after = JsonNode.Parse(VideoMaeConfig.Load(file).ToJson())!.AsObject();
            foreach ((string name, JsonNode? value) in before)
                Assert.IsTrue(JsonNode.DeepEquals(Checkpoints.Transformers5Tests.NumberOfSquare(value), after[name]),
                    $"{file}: {name} is {value} and becomes {after[name]}.");
            VideoMaeConfig again = VideoMaeConfig.FromJson(after.ToJsonString());
            Assert.AreEqual(after.ToJsonString(), JsonNode.Parse(again.ToJson())!.ToJsonString());
        }
    }

    [TestMethod]
    public void UnknownFields_AreKept()
    {
        const string Json =
            """{"model_type":"videomae","dtype":"bfloat16","chunk_size_feed_forward":3,"return_dict":false,"tokenizer_class":null,"mine":{"a":[1,2.50]},"hidden_size":48,"num_attention_heads":4}""";
        VideoMaeConfig config = VideoMaeConfig.FromJson(Json);
        Assert.AreEqual("bfloat16", config.DType);
        JsonObject after = JsonNode.Parse(config.ToJson())!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(Json)!.AsObject())
            Assert.IsTrue(after.ContainsKey(name) && JsonNode.DeepEquals(value, after[name]), name);
        Assert.AreEqual("bfloat16", (string?)after["torch_dtype"]);
        Assert.AreEqual("bfloat16", VideoMaeConfig.FromJson(Json.Replace("\"dtype\"", "\"torch_dtype\"", StringComparison.Ordinal)).DType);
    }

    [TestMethod]
    public void Sizes_AreNumbersOrPairs()
    {
        VideoMaeConfig config = VideoMaeConfig.FromJson("""{"image_size":[32,48],"patch_size":[8,16]}""");
        Assert.AreEqual(new SpatialSize(32, 48), config.ImageSize);
        Assert.AreEqual(new SpatialSize(8, 16), config.PatchSize);
        Assert.AreEqual(8 * 4 * 3, config.NumPatches);
        Assert.AreEqual(new SpatialSize(224, 224), VideoMaeConfig.FromJson("{}").ImageSize);
    }

    [TestMethod]
    public void Problems_AreListedTogether()
    {
        const string Json =
            """{"hidden_size":50,"image_size":30,"patch_size":16,"tubelet_size":20,"hidden_act":"tanh","hidden_dropout_prob":1,"layer_norm_eps":-1,"num_labels":3,"id2label":{"0":"a","1":"b"},"dtype":"int8"}""";
        string message = Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeConfig.FromJson(Json)).Message;
        foreach (string part in (string[])
                [
                    "hidden_size (50)", "image height (30)", "num_frames (16)", "'tanh'", "hidden_dropout_prob", "layer_norm_eps",
                    "num_labels is 3 but id2label names 2", "'int8'"])
            Assert.Contains(part, message);
    }

    [TestMethod]
    [DataRow("""{"hidden_size":"768"}""", "hidden_size is \"768\"; it must be a whole number.")]
    [DataRow("""{"hidden_size":76.8}""", "must be a whole number")]
    [DataRow("""{"hidden_size":1e99}""", "hidden_size")]
    [DataRow("""{"image_size":[1,2,3]}""", "a pair [height, width]")]
    [DataRow("""{"qkv_bias":"yes"}""", "true or false")]
    [DataRow("""{"id2label":{"x":"a"}}""", "class indices")]
    [DataRow("""{"id2label":{"1":"a","2":"b"}}""", "its keys must be 0 to 1")]
    [DataRow("""{"label2id":{"a":7}}""", "'a'")]
    [DataRow("""{"problem_type":"ranking"}""", "multi_label_classification")]
    [DataRow("""{"model_type":"vit"}""", "only 'videomae'")]
    [DataRow("""{"dtype":"float32","torch_dtype":"float16"}""", "the two must agree")]
    [DataRow("""{"hidden_size":131072,"num_attention_heads":1,"intermediate_size":131072,"num_hidden_layers":1024}""", "parameters")]
    [DataRow("""{"decoder_hidden_size":131072,"decoder_num_attention_heads":1,"decoder_num_hidden_layers":1024}""", "parameters")]
    [DataRow("""{"image_size":100000,"patch_size":1}""", "tokens")]
    [DataRow("""{"num_frames":-4}""", "num_frames is -4")]
    [DataRow("""[]""", "not a JSON object")]
    [DataRow("""{"a":""", "not JSON")]
    [DataRow("""{"a":1,"a":2}""", "not JSON")]
    public void WrongJson_IsAClearError(string json, string expected) =>
        Assert.Contains(expected, Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeConfig.FromJson(json)).Message);

    [TestMethod]
    public void Labels_AreReadAndWritten()
    {
        VideoMaeConfig config = new VideoMaeConfig().WithLabels(["run", "jump"]);
        Assert.AreEqual(2, config.NumLabels);
        VideoMaeConfig again = VideoMaeConfig.FromJson(config.ToJson());
        Assert.AreEqual("jump", again.Id2Label![1]);
        Assert.AreEqual(1, again.Label2Id!["jump"]);
        Assert.AreEqual(5, VideoMaeConfig.FromJson((new VideoMaeConfig() with { NumLabels = 5 }).ToJson()).NumLabels);
        Assert.ThrowsExactly<ArgumentException>(() => config.WithLabels(["a", "a"]));
        Assert.ThrowsExactly<ArgumentException>(() => config.WithLabels([]));
        Assert.ThrowsExactly<ArgumentException>(() => (config with { NumLabels = 3 }).Validate());
    }

    [TestMethod]
    public void MissingFile_IsNamed() =>
        Assert.Contains("nowhere.json", Assert.ThrowsExactly<FileNotFoundException>(() => VideoMaeConfig.Load("nowhere.json")).Message);

    [TestMethod]
    public void PreTraining_OfIncompleteTubelets_IsRefused() =>
        Assert.Contains(
            "multiple of tubelet_size",
            Assert.ThrowsExactly<ArgumentException>(() => new VideoMaeForPreTraining(VideoMaeConfig.CpuTiny with { NumFrames = 5 })).Message
        );

    [TestMethod]
    public void VideoMaeV2Config_IsTranslated()
    {
        const string Json =
            """{"model_type":"VideoMAEv2_Base","architectures":["VideoMAEv2_Base"],"model_config":{"img_size":224,"patch_size":14,"in_chans":3,"num_classes":0,"embed_dim":1408,"depth":40,"num_heads":16,"mlp_ratio":4.363636363636363,"qkv_bias":true,"norm_layer":"nn.LayerNorm","layer_norm_eps":1e-6,"init_values":0.0,"use_learnable_pos_emb":false,"tubelet_size":2,"use_mean_pooling":true,"num_frames":16,"cos_attn":false}}""";
        VideoMaeConfig config = VideoMaeConfig.FromJson(Json);
        Assert.AreEqual(new SpatialSize(14, 14), config.PatchSize);
        Assert.AreEqual(
            (1408, 40, 16, 6144), (config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.IntermediateSize));
        Assert.AreEqual((1e-6, 1e-6), (config.LayerNormEps, config.HeadNormEps));
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() =>
                VideoMaeConfig.FromJson(Json.Replace("\"cos_attn\":false", "\"cos_attn\":true", StringComparison.Ordinal)
                        .Replace("\"init_values\":0.0", "\"init_values\":0.1", StringComparison.Ordinal)))
            .Message;
        Assert.Contains("cosine attention is not supported", message);
        Assert.Contains("layer scale is not supported", message);
    }
}
