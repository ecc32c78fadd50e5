// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class ClassificationGoldenTests
{
    private static readonly IReadOnlyDictionary<string, Tensor> s_inputs = Load("tiny", "expected", "inputs.safetensors");
    private static readonly IReadOnlyDictionary<string, Tensor> s_expected = Load("tiny", "expected", "classification.safetensors");

    private static VideoMaeForVideoClassification Model() =>
        LoadModel(config => new VideoMaeForVideoClassification(config), "tiny", "classification");

    [TestMethod]
    [DataRow(AttentionImplementation.Sdpa)]
    [DataRow(AttentionImplementation.Eager)]
    public void Forward_EqualsReference(AttentionImplementation implementation)
    {
        using VideoMaeForVideoClassification model = Model();
        model.AttentionImplementation = implementation;
        using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"], s_inputs["labels"]);
        AssertValues(s_expected["logits"], output.Logits, "logits");
        AssertValues(s_expected["probabilities"], output.Logits.softmax(-1), "probabilities");
        AssertLoss(s_expected["loss"].item<float>(), output.Loss, "loss");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void HiddenStatesAndAttentions_EqualReference(bool attentions)
    {
        using VideoMaeForVideoClassification model = Model();
        using VideoMaeClassificationOutput output = model.forward(
            s_inputs["pixel_values"], outputHiddenStates: true, outputAttentions: attentions);
        Assert.HasCount(4, output.HiddenStates!);
        foreach ((Tensor hidden, string name) in output.HiddenStates!.Zip(Numbered(s_expected, "hidden_states.")))
            AssertValues(s_expected[name], hidden, name);
        Assert.AreEqual(attentions ? 3 : 0, output.Attentions?.Count ?? 0);
        foreach ((Tensor attention, string name) in (output.Attentions ?? []).Zip(Numbered(s_expected, "attentions.")))
            AssertValues(s_expected[name], attention, name);
        AssertValues(s_expected["logits"], output.Logits, "logits");
    }

    [TestMethod]
    public void LastHiddenState_EqualsReference()
    {
        using VideoMaeForVideoClassification model = Model();
        using VideoMaeModelOutput output = model.Encoder.forward(s_inputs["pixel_values"]);
        AssertValues(s_expected["last_hidden_state"], output.LastHiddenState, "last_hidden_state");
    }

    [TestMethod]
    [DataRow("loss_multi_label", "labels_multi_label", null)]
    [DataRow("loss_regression_multi", "labels_regression_multi", VideoMaeProblemType.Regression)]
    public void Loss_OtherProblemTypes_EqualsReference(string loss, string labels, VideoMaeProblemType? type)
    {
        using VideoMaeForVideoClassification model = LoadModel(
            config => new VideoMaeForVideoClassification(config with { ProblemType = type }), "tiny", "classification");
        using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"], s_inputs[labels]);
        AssertLoss(s_expected[loss].item<float>(), output.Loss, loss);
    }

    [TestMethod]
    public void Loss_IgnoreIndex_EqualsReference()
    {
        using VideoMaeForVideoClassification model = Model();
        using Tensor labels = s_inputs["labels"].clone();
        labels[0] = -100;
        using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"], labels);
        AssertLoss(s_expected["loss_ignore_index"].item<float>(), output.Loss, "loss");
    }

    [TestMethod]
    public void Regression_EqualsReference()
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", "regression.safetensors");
        using VideoMaeForVideoClassification model = LoadModel(config => new VideoMaeForVideoClassification(config), "tiny", "regression");
        foreach (Tensor labels in (Tensor[])[s_inputs["labels_regression"], s_inputs["labels_regression"].squeeze(1)])
        {
            using VideoMaeClassificationOutput output = model.forward(s_inputs["pixel_values"], labels);
            AssertValues(expected["logits"], output.Logits, "logits");
            AssertLoss(expected["loss"].item<float>(), output.Loss, "loss");
        }
    }

    [TestMethod]
    [DataRow(AttentionImplementation.Sdpa)]
    [DataRow(AttentionImplementation.Eager)]
    public void Gradients_OfEveryParameterAndThePixels_EqualReference(AttentionImplementation implementation)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", "classification_grads.safetensors");
        using VideoMaeForVideoClassification model = Model();
        model.AttentionImplementation = implementation;
        using Tensor pixels = s_inputs["pixel_values"].clone().requires_grad_(true);
        using VideoMaeClassificationOutput output = model.forward(pixels, s_inputs["labels"]);
        output.Loss!.backward();
        Assert.AreEqual(expected.Count, model.named_parameters().Count());
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            AssertGradient(expected[name], parameter.grad, name);
        AssertGradient(s_expected["grad_pixel_values"], pixels.grad, "pixel_values");
    }

    [TestMethod]
    public void AdamW_ThreeSteps_EqualReference()
    {
        using VideoMaeForVideoClassification model = Model();
        GoldenTraining.AssertSteps(
            model,
            () => model.forward(s_inputs["pixel_values"], s_inputs["labels"]).Loss!, 0.999, "classification.adamw_b0.9_0.999.losses",
            "classification_adamw_b999_step3.safetensors");
    }
}
