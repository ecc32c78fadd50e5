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
public sealed class PreTrainingGoldenTests
{
    private static readonly IReadOnlyDictionary<string, Tensor> s_inputs = Load("tiny", "expected", "inputs.safetensors");

    private static VideoMaeForPreTraining Model(string folder, bool normPixLoss = true) =>
        LoadModel(config => new VideoMaeForPreTraining(config with { NormPixLoss = normPixLoss }), "tiny", folder);

    [TestMethod]
    [DataRow("pretraining", "masked", true)]
    [DataRow("pretraining", "masked", false)]
    [DataRow("pretraining", "masked_random", true)]
    [DataRow("pretraining", "masked_random", false)]
    [DataRow("pretraining_layernorm", "masked", true)]
    [DataRow("pretraining_layernorm", "masked", false)]
    [DataRow("pretraining_layernorm", "masked_random", true)]
    [DataRow("pretraining_layernorm", "masked_random", false)]
    public void Forward_EqualsReference(string folder, string mask, bool normPixLoss)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", $"{folder}.safetensors");
        using VideoMaeForPreTraining model = Model(folder, normPixLoss);
        string maskName = mask == "masked" ? "bool_masked_pos" : "bool_masked_pos_random";
        using VideoMaePreTrainingOutput output = model.forward(s_inputs["pixel_values"], s_inputs[maskName]);
        AssertValues(expected[$"{mask}.logits"], output.Logits, "logits");
        AssertLoss(expected[$"{mask}.norm_pix_{(normPixLoss ? "true" : "false")}.loss"].item<float>(), output.Loss, "loss");
    }

    [TestMethod]
    [DataRow("pretraining", "masked")]
    [DataRow("pretraining", "unmasked")]
    [DataRow("pretraining", "masked_random")]
    [DataRow("pretraining_layernorm", "masked")]
    [DataRow("pretraining_layernorm", "unmasked")]
    [DataRow("pretraining_layernorm", "masked_random")]
    public void Encoder_EveryHiddenStateAndAttention_EqualsReference(string folder, string mask)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", $"{folder}.safetensors");
        using VideoMaeForPreTraining model = Model(folder);
        Tensor? masked = mask switch
        {
            "masked" => s_inputs["bool_masked_pos"],
            "unmasked" => null,
            _ => s_inputs["bool_masked_pos_random"],
        };
        using VideoMaeModelOutput output = model.Encoder.forward(
            s_inputs["pixel_values"], masked, outputHiddenStates: true, outputAttentions: true);
        AssertValues(expected[$"{mask}.last_hidden_state"], output.LastHiddenState, "last_hidden_state");
        if (mask == "masked_random")
            return; // The reference holds its last hidden state only.
        string[] hidden = [.. Numbered(expected, $"{mask}.hidden_states.")], attention = [.. Numbered(expected, $"{mask}.attentions.")];
        Assert.HasCount(hidden.Length, output.HiddenStates!);
        Assert.HasCount(attention.Length, output.Attentions!);
        foreach ((Tensor actual, string name) in output.HiddenStates!.Zip(hidden).Concat(output.Attentions!.Zip(attention)))
            AssertValues(expected[name], actual, name);
    }

    [TestMethod]
    public void OutputsOnRequest_OfTheWholeModel_EqualTheEncoders()
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", "pretraining.safetensors");
        using VideoMaeForPreTraining model = Model("pretraining");
        using VideoMaePreTrainingOutput output = model.forward(
            s_inputs["pixel_values"], s_inputs["bool_masked_pos"], computeLoss: false, outputHiddenStates: true, outputAttentions: true);
        Assert.IsNull(output.Loss);
        AssertValues(expected["masked.hidden_states.3"], output.HiddenStates![3], "hidden_states.3");
        AssertValues(expected["masked.attentions.2"], output.Attentions![2], "attentions.2");
    }

    [TestMethod]
    [DataRow("pretraining", AttentionImplementation.Sdpa)]
    [DataRow("pretraining", AttentionImplementation.Eager)]
    [DataRow("pretraining_layernorm", AttentionImplementation.Sdpa)]
    public void Gradients_OfEveryParameter_EqualReference(string folder, AttentionImplementation implementation)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", $"{folder}_grads.safetensors");
        using VideoMaeForPreTraining model = Model(folder);
        model.AttentionImplementation = implementation;
        using VideoMaePreTrainingOutput output = model.forward(s_inputs["pixel_values"], s_inputs["bool_masked_pos"]);
        output.Loss!.backward();
        Assert.AreEqual(expected.Count, model.named_parameters().Count());
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            AssertGradient(expected[name], parameter.grad, name);
    }

    [TestMethod]
    public void AdamW_ThreeSteps_EqualReference()
    {
        using VideoMaeForPreTraining model = Model("pretraining_layernorm");
        GoldenTraining.AssertSteps(
            model, () => model.forward(s_inputs["pixel_values"], s_inputs["bool_masked_pos"]).Loss!, 0.95,
            "pretraining_layernorm.adamw_b0.9_0.95.losses", "pretraining_layernorm_adamw_b95_step3.safetensors");
    }

    [TestMethod]
    public void AdamW_LossesWithoutLayerNorm_EqualReference()
    {
        double[] expected = GoldenTraining.Scalars("pretraining.adamw_b0.9_0.95.losses");
        using VideoMaeForPreTraining model = Model("pretraining");
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-3, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0.05);
        foreach (double loss in expected)
        {
            optimizer.zero_grad();
            using VideoMaePreTrainingOutput output = model.forward(s_inputs["pixel_values"], s_inputs["bool_masked_pos"]);
            AssertLoss(loss, output.Loss, "loss", 1e-5);
            output.Loss!.backward();
            optimizer.step();
        }
    }
}
