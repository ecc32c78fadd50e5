// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class VariantGoldenTests
{
    [TestMethod]
    [DataRow("cls_1channel")]
    [DataRow("cls_frames_not_multiple")]
    [DataRow("cls_gelu_new")]
    [DataRow("cls_gelu_pytorch_tanh")]
    [DataRow("cls_large_eps")]
    [DataRow("cls_large_eps_no_mean_pooling")]
    [DataRow("cls_no_mean_pooling")]
    [DataRow("cls_no_qkv_bias")]
    [DataRow("cls_odd_hidden_head1")]
    [DataRow("cls_quick_gelu")]
    [DataRow("cls_rect_16x24")]
    [DataRow("cls_relu")]
    [DataRow("cls_silu")]
    [DataRow("cls_tubelet1")]
    [DataRow("cls_tubelet4")]
    public void Classification_EqualsReference(string variant)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("variants", variant, "expected.safetensors");
        using VideoMaeForVideoClassification model = LoadModel(config => new VideoMaeForVideoClassification(config), "variants", variant);
        using VideoMaeClassificationOutput output = model.forward(expected["pixel_values"], expected["labels"]);
        Check(variant, model, expected, output.Logits, output.Loss!);
    }

    [TestMethod]
    [DataRow("pre_4channels")]
    [DataRow("pre_large_eps_layernorm")]
    [DataRow("pre_no_qkv_bias")]
    [DataRow("pre_norm_pix_false")]
    [DataRow("pre_rect_16x24")]
    [DataRow("pre_relu")]
    [DataRow("pre_tubelet1")]
    public void PreTraining_EqualsReference(string variant)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("variants", variant, "expected.safetensors");
        using VideoMaeForPreTraining model = LoadModel(config => new VideoMaeForPreTraining(config), "variants", variant);
        using VideoMaePreTrainingOutput output = model.forward(expected["pixel_values"], expected["bool_masked_pos"]);
        Check(variant, model, expected, output.Logits, output.Loss!);
    }

    [TestMethod]
    public void EveryVariantOfTheIndex_IsTested()
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(PathOf("variants", "index.json")));
        string[] tested =
        [.. typeof(VariantGoldenTests)
                .GetMethods()
                .SelectMany(method => method.GetCustomAttributes(typeof(DataRowAttribute), false))
                .Select(row => (string)((DataRowAttribute)row).Data[0]!)
                .Order()];
        CollectionAssert.AreEqual(index.RootElement.EnumerateObject().Select(property => property.Name).Order().ToArray(), tested);
    }

    private static void Check(
        string variant, VideoMaePreTrainedModel model, IReadOnlyDictionary<string, Tensor> expected, Tensor logits, Tensor loss)
    {
        AssertValues(expected["logits"], logits, "logits");
        AssertLoss(expected["loss"].item<float>(), loss, "loss");
        loss.backward();
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = model
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach ((string key, Tensor gradient) in expected.Where(pair => pair.Key.StartsWith("grad.", System.StringComparison.Ordinal)))
            AssertGradient(gradient, parameters[key["grad.".Length..]].grad, $"{variant}: {key}");
    }
}
