// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class OriginalCheckpointTests
{
    private static readonly IReadOnlyDictionary<string, Tensor> s_pretrain = Load("mcg", "pretrain_expected.safetensors");
    private static readonly IReadOnlyDictionary<string, Tensor> s_finetune = Load("mcg", "finetune_expected.safetensors");

    private static PretrainedOptions Options(string folder) => new() { Config = VideoMaeConfig.Load(PathOf("mcg", folder, "config.json")) };

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void PreTraining_Pth_EqualsTheOriginalCode(bool normPixLoss)
    {
        PretrainedOptions options = Options("pretrain_hf") with { Configure = config => config with { NormPixLoss = normPixLoss } };
        using VideoMaeForPreTraining model = VideoMaeForPreTraining.FromPretrained(PathOf("mcg", "pretrain.pth"), options: options);
        Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
        using VideoMaePreTrainingOutput output = model.forward(s_pretrain["pixel_values_btchw"], s_pretrain["bool_masked_pos"]);
        AssertClose(s_pretrain["original.logits"], output.Logits, "logits", 5e-6); // Hugging Face's epsilons differ by 1.2e-5
        AssertLoss(
            s_pretrain[normPixLoss ? "original.loss_norm_pix_true" : "original.loss_norm_pix_false"].item<float>(), output.Loss, "loss");
        using VideoMaeModelOutput encoded = model.Encoder.forward(s_pretrain["pixel_values_btchw"], s_pretrain["bool_masked_pos"]);
        AssertValues(s_pretrain["original.encoder_output"], encoded.LastHiddenState, "encoder output");
    }

    [TestMethod]
    public void PreTraining_Targets_EqualTheOriginalCode()
    {
        VideoMaeConfig config = VideoMaeConfig.Load(PathOf("mcg", "pretrain_hf", "config.json"));
        using Tensor masked = ModelInputs.Positions(s_pretrain["bool_masked_pos"], "masked");
        using Tensor targets = ReconstructionLoss.Targets(s_pretrain["pixel_values_btchw"], masked, config);
        AssertValues(s_pretrain["original.targets_norm_pix_true"], targets, "targets");
    }

    [TestMethod]
    public void PreTraining_ConvertedFolder_EqualsHuggingFace()
    {
        using VideoMaeForPreTraining model = VideoMaeForPreTraining.FromPretrained(PathOf("mcg", "pretrain_hf"));
        using VideoMaePreTrainingOutput output = model.forward(s_pretrain["pixel_values_btchw"], s_pretrain["bool_masked_pos"]);
        AssertClose(s_pretrain["hf_converted.logits"], output.Logits, "logits", 5e-6);
        AssertLoss(s_pretrain["hf_converted.loss_norm_pix_true"].item<float>(), output.Loss, "loss");
    }

    [TestMethod]
    public void Classification_Pth_EqualsTheOriginalCode()
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(
            PathOf("mcg", "finetune.pth"), options: Options("finetune_hf"));
        Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
        using VideoMaeClassificationOutput output = model.forward(s_finetune["pixel_values_btchw"], s_finetune["labels"]);
        AssertClose(s_finetune["original.logits"], output.Logits, "logits", 2e-6);
        AssertLoss(s_finetune["original.loss"].item<float>(), output.Loss, "loss", 1e-6);
        using Tensor features = model.Features(s_finetune["pixel_values_btchw"]);
        AssertValues(s_finetune["original.features_fc_norm"], features, "features");
    }

    [TestMethod]
    public void Classification_ConvertedFolder_EqualsHuggingFace()
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(PathOf("mcg", "finetune_hf"));
        using VideoMaeClassificationOutput output = model.forward(s_finetune["pixel_values_btchw"], s_finetune["labels"]);
        AssertClose(s_finetune["hf_converted.logits"], output.Logits, "logits", 2e-6);
        AssertLoss(s_finetune["hf_converted.loss"].item<float>(), output.Loss, "loss", 1e-6);
    }

    [TestMethod]
    [DataRow("finetune_use_cls_depth1.pth")]
    [DataRow("finetune_use_cls_depth1_full_checkpoint.pth")]
    [DataRow("finetune_use_cls_depth1_legacy_serialization.pth")]
    public void Classification_FirstToken_EveryContainer_EqualsTheOriginalCode(string file)
    {
        PretrainedOptions options = Options("finetune_hf");
        options = options with { Config = options.Config! with { NumHiddenLayers = 1, UseMeanPooling = false } };
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(PathOf("mcg", file), options: options);
        Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
        using VideoMaeClassificationOutput output = model.forward(s_finetune["pixel_values_btchw"]);
        AssertClose(s_finetune["original_use_cls.logits"], output.Logits, "logits", 2e-6);
    }

    [TestMethod]
    public void Epsilons_OfTheOriginalCode_AreSaidAndKeptOnARoundTrip()
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(
            PathOf("mcg", "finetune.pth"), options: Options("finetune_hf"));
        Assert.AreEqual(1e-6, model.Config.LayerNormEps);
        Assert.Contains("1e-6", model.LoadReport!.Notes.Single());
        IReadOnlyList<string> notes = model.SavePretrained(folder.File("saved"));
        Assert.Contains("1e-5", notes.Single());
        using VideoMaeForVideoClassification again = VideoMaeForVideoClassification.FromPretrained(folder.File("saved"));
        using VideoMaeClassificationOutput first = model.forward(s_finetune["pixel_values_btchw"]),
            second = again.forward(s_finetune["pixel_values_btchw"]);
        AssertClose(first.Logits, second.Logits, "logits", 0);
    }
}
