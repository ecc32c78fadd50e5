// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class PresetTests
{
    private static VideoMaeConfig Preset(string name) => (VideoMaeConfig)typeof(VideoMaeConfig).GetProperty(name)!.GetValue(null)!;

    private static T WithoutValues<T>(Func<T> create)
        where T : VideoMaePreTrainedModel => ModelModule.WithoutValues(create);

    [TestMethod]
    [DataRow("Small", 400, 22_033_936L, 27_585_984L)]
    [DataRow("Base", 400, 86_534_800L, 94_209_408L)]
    [DataRow("Large", 400, 304_270_736L, 342_994_944L)]
    [DataRow("Huge", 400, 632_119_440L, 692_484_736L)]
    [DataRow("CpuTiny", 10, 990_858L, 1_197_376L)]
    [DataRow("CpuSmall", 10, 2_744_266L, 3_021_408L)]
    public void ParameterCounts_AreTheDocumented(string name, int classes, long classifier, long preTraining)
    {
        VideoMaeConfig config = Preset(name) with { NumLabels = classes };
        config.Validate();
        using VideoMaeForVideoClassification one = WithoutValues(() => new VideoMaeForVideoClassification(config, random: null));
        using VideoMaeForPreTraining other = WithoutValues(() => new VideoMaeForPreTraining(config, random: null));
        Assert.AreEqual(classifier, one.ParameterCount);
        Assert.AreEqual(preTraining, other.ParameterCount);
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void WithoutValues_HasTheNamesAndShapesOfTheModel(bool meanPooling, bool bias)
    {
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with
        {
            UseMeanPooling = meanPooling,
            QkvBias = bias,
            NumLabels = 7,
            PatchSize = new SpatialSize(16, 8),
            NumChannels = 2,
        };
        foreach (Func<VideoMaePreTrainedModel> create in (Func<VideoMaePreTrainedModel>[])[
            () => new VideoMaeModel(config, random: null),
            () => new VideoMaeForVideoClassification(config, random: null),
            () => new VideoMaeForPreTraining(config, random: null)])
        {
            using VideoMaePreTrainedModel shapes = WithoutValues(create), model = create();
            CollectionAssert.AreEqual(Parameters(model), Parameters(shapes));
            CollectionAssert.AreEquivalent(model.named_parameters().Select(pair => pair.name).ToArray(), model.state_dict().Keys);
            Assert.IsTrue(shapes.parameters().All(p => p.device_type == DeviceType.META), "Nothing is allocated.");
            Assert.IsTrue(model.parameters().All(p => p.device_type == DeviceType.CPU), "The models after it are ordinary ones.");
        }

        static string[] Parameters(nn.Module model) =>
            [.. model.named_parameters().Select(p => $"{p.name} {p.parameter.dtype} {string.Join("x", p.parameter.shape)}")];
    }

    [TestMethod]
    public void WithoutValues_OfAModelThatCannotBeMade_IsOverAfterwards()
    {
        VideoMaeConfig wrong = VideoMaeConfig.CpuTiny with { HiddenSize = 7 };
        Assert.ThrowsExactly<ArgumentException>(() => WithoutValues(() => new VideoMaeModel(wrong, random: null)));
        using VideoMaeModel model = new(VideoMaeConfig.CpuTiny, random: null);
        Assert.AreEqual(DeviceType.CPU, model.parameters().First().device_type);
    }

    /// <summary>Initial weights are drawn in this order, and training states are written in it.</summary>
    [TestMethod]
    public void Names_AreThoseOfPublishedCheckpointsInAFixedOrder()
    {
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with
        {
            NumHiddenLayers = 1,
            DecoderNumHiddenLayers = 1,
            QkvBias = true,
            UseMeanPooling = false,
        };
        using VideoMaeForPreTraining model = new(config, random: null);
        string[] expected =
        [
            "mask_token", "videomae.embeddings.patch_embeddings.projection.weight", "videomae.embeddings.patch_embeddings.projection.bias",
            .. Block("videomae.encoder.layer.0"), "videomae.layernorm.weight", "videomae.layernorm.bias", "encoder_to_decoder.weight",
            .. Block("decoder.decoder_layers.0"), "decoder.norm.weight", "decoder.norm.bias", "decoder.head.weight", "decoder.head.bias",
        ];
        CollectionAssert.AreEqual(expected, model.named_parameters().Select(pair => pair.name).ToArray());

        static IEnumerable<string> Block(string name) =>
            ((string[])
                    [
                        "attention.attention.q_bias", "attention.attention.v_bias", "attention.attention.query.weight",
                        "attention.attention.key.weight", "attention.attention.value.weight", "attention.output.dense.weight",
                        "attention.output.dense.bias", "intermediate.dense.weight", "intermediate.dense.bias", "output.dense.weight",
                        "output.dense.bias", "layernorm_before.weight", "layernorm_before.bias", "layernorm_after.weight",
                        "layernorm_after.bias"]).Select(parameter => $"{name}.{parameter}");
    }

    [TestMethod]
    [DataRow("CpuTiny")]
    [DataRow("CpuSmall")]
    public void CpuPresets_Build(string name)
    {
        using VideoMaeForVideoClassification model = new(Preset(name) with { NumLabels = 10 });
        Assert.IsTrue(model.named_parameters().All(pair => pair.parameter is Parameter { requires_grad: true }));
    }
}
