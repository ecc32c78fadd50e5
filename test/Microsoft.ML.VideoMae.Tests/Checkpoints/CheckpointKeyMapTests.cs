// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
public sealed class CheckpointKeyMapTests
{
    private static readonly string[] s_classifier = Names(() => new VideoMaeForVideoClassification(VideoMaeConfig.Small, random: null));

    private static string[] Names(Func<VideoMaePreTrainedModel> create)
    {
        using VideoMaePreTrainedModel model = ModelModule.WithoutValues(create);
        return [.. model.named_parameters().Select(pair => pair.name)];
    }

    private static Dictionary<string, string[]> Targets(IReadOnlyCollection<string> names) =>
        CheckpointKeyMap
            .Map(names)
            .Keys.GroupBy(key => key.Source)
            .ToDictionary(group => group.Key, group => group.OrderBy(key => key.Part).Select(key => key.Target).ToArray());

    [TestMethod]
    [DataRow("key_map_pretrain")]
    [DataRow("key_map_finetune")]
    public void Original_EqualsTheReferenceMap(string map)
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(PathOf("mcg", "report.json")));
        Dictionary<string, string[]> expected = report
            .RootElement.GetProperty(map)
            .EnumerateObject()
            .ToDictionary(
                property => property.Name,
                property => property.Value.EnumerateArray().Select(value => value.GetString()!).ToArray());
        foreach (string wrapper in (string[])["", "module.", "backbone.", "module.model."])
        {
            Dictionary<string, string[]> actual = Targets([.. expected.Keys.Select(name => wrapper + name)]);
            Assert.HasCount(expected.Count, actual);
            foreach ((string name, string[] targets) in expected)
                CollectionAssert.AreEquivalent(targets, actual[wrapper + name], name);
        }
    }

    [TestMethod]
    public void JoinedQkv_IsSplitInItsOrder()
    {
        Dictionary<string, string[]> targets = Targets(["patch_embed.proj.weight", "blocks.3.attn.qkv.weight", "blocks.3.attn.qkv.bias"]);
        const string Attention = "videomae.encoder.layer.3.attention.attention.";
        CollectionAssert.AreEqual(
            (string[])[$"{Attention}query.weight", $"{Attention}key.weight", $"{Attention}value.weight"],
            targets["blocks.3.attn.qkv.weight"]);
        CollectionAssert.AreEqual(
            (string[])[$"{Attention}q_bias", $"{Attention}key.bias", $"{Attention}v_bias"], targets["blocks.3.attn.qkv.bias"]);
    }

    [TestMethod]
    public void HuggingFace_IsItself_BareEncodersAndTransformers5Included()
    {
        (CheckpointNaming naming, IReadOnlyList<KeyMapping> keys) = CheckpointKeyMap.Map(s_classifier);
        Assert.AreEqual(CheckpointNaming.HuggingFace, naming);
        Assert.IsNotEmpty(keys);
        Assert.IsTrue(keys.All(key => key.Source == key.Target && key.Parts == 1));

        string[] bare = Names(() => new VideoMaeModel(VideoMaeConfig.Small, random: null));
        CollectionAssert.AreEquivalent(bare.Select(name => $"videomae.{name}").ToArray(),
            CheckpointKeyMap.Map(bare).Keys.Select(key => key.Target).ToArray());

        string[] newer =
        [
            .. s_classifier.Select(name =>
                name.Replace("q_bias", "query.bias", StringComparison.Ordinal).Replace("v_bias", "value.bias", StringComparison.Ordinal))];
        CollectionAssert.AreEquivalent(s_classifier, CheckpointKeyMap.Map(newer).Keys.Select(key => key.Target).ToArray());
        CollectionAssert.AreEquivalent(
            s_classifier,
            CheckpointKeyMap.Map([.. newer.Select(name => $"module.{name}")]).Keys.Select(key => key.Target).ToArray());
    }

    [TestMethod]
    public void Unknown_NamesStayAsTheyAre_AndNothingThrows()
    {
        foreach (string[] names in (string[][])
                [
                    [],
                    ["x"],
                    ["blocks."],
                    ["blocks.0."],
                    ["encoder."],
                    ["module."],
                    ["blocks.99999.attn.q_bias", "a"],
                    ["decoder.blocks.0.attn.qkv.weight", ""]])
            Assert.IsGreaterThanOrEqualTo(names.Length, CheckpointKeyMap.Map(names).Keys.Count);
        Assert.AreEqual(
            "videomae.encoder.layer.0.gamma_1", Targets(["patch_embed.proj.bias", "blocks.0.gamma_1"])["blocks.0.gamma_1"].Single());
    }

    /// <summary>
    /// VideoMAE V2's ViT: the same names, joined biases, wrapped in "model.", of a published width, so that nothing else is needed.
    /// </summary>
    [TestMethod]
    public void VideoMaeV2_IsLoadedFromItsWeightsAlone()
    {
        using TemporaryFolder folder = new();
        using var scope = NewDisposeScope();
        VideoMaeConfig config = VideoMaeConfig.Small with { NumHiddenLayers = 1, NumLabels = 4, ImageSize = 32, NumFrames = 4 };
        using VideoMaeForVideoClassification model = new(config with { LayerNormEps = 1e-6, HeadNormEps = 1e-6 });
        foreach (string bias in (string[])["q_bias", "v_bias"])
            model.get_parameter($"videomae.encoder.layer.0.attention.attention.{bias}")!.detach().uniform_(-1, 1);
        Tensor Of(string name) => model.get_parameter(name)!.detach();
        const string Layer = "videomae.encoder.layer.0.", Attention = $"{Layer}attention.attention.";
        List<(string, Tensor)> renamed =
        [
            ("patch_embed.proj.weight", Of("videomae.embeddings.patch_embeddings.projection.weight")),
            ("patch_embed.proj.bias", Of("videomae.embeddings.patch_embeddings.projection.bias")), (
                "blocks.0.attn.qkv.weight",
                cat([Of($"{Attention}query.weight"), Of($"{Attention}key.weight"), Of($"{Attention}value.weight")])),
            ("blocks.0.attn.qkv.bias", cat([Of($"{Attention}q_bias"), ones(384), Of($"{Attention}v_bias")])),
            ("fc_norm.weight", Of("fc_norm.weight")), ("fc_norm.bias", Of("fc_norm.bias")), ("head.weight", Of("classifier.weight")),
            ("head.bias", Of("classifier.bias")),
        ];
        foreach ((string theirs, string ours) in ((string, string)[])
                [("attn.proj", "attention.output.dense"), ("norm1", "layernorm_before"), ("norm2", "layernorm_after"),
                    ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense")])
            renamed.AddRange([
                ($"blocks.0.{theirs}.weight", Of($"{Layer}{ours}.weight")), ($"blocks.0.{theirs}.bias", Of($"{Layer}{ours}.bias"))]);
        SafetensorsWriter.Write(folder.File("v2.safetensors"), renamed.Select(pair => ($"model.{pair.Item1}", pair.Item2)));

        PretrainedOptions options = new() { Configure = inferred => inferred with { ImageSize = 32, NumFrames = 4 } };
        using VideoMaeForVideoClassification loaded = VideoMaeForVideoClassification.FromPretrained(
            folder.File("v2.safetensors"), options: options);
        Assert.IsTrue(loaded.LoadReport!.IsComplete, loaded.LoadReport.ToString());
        Assert.AreEqual(6, loaded.Config.NumAttentionHeads);
        Assert.IsTrue(loaded.LoadReport.Notes.Any(note => note.Contains("key biases", StringComparison.Ordinal)));
        model.eval();
        Tensor pixels = rand([1, 4, 3, 32, 32]);
        AssertClose(model.forward(pixels).Logits, loaded.forward(pixels).Logits, "logits", 0);
    }

    [TestMethod]
    public void UnknownWidth_WithoutConfig_AsksForOne() =>
        Assert.Contains(
            "Give PretrainedOptions.Config", Assert
                .ThrowsExactly<InvalidDataException>(() => VideoMaeForVideoClassification.FromPretrained(PathOf("mcg", "finetune.pth")))
                .Message);
}
