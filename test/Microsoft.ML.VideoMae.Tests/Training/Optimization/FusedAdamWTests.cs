// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.Optimization;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class FusedAdamWTests
{
    [TestMethod]
    public void FineTuningRecipe_ThreeSteps_EqualTheOriginal()
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/optimizer_steps.json");
        JsonElement recipe = golden.RootElement.GetProperty("finetune");
        double[] rates = Numbers(recipe.GetProperty("learning_rates")), norms = Numbers(recipe.GetProperty("pre_clip_norms"));
        double[] losses = Numbers(recipe.GetProperty("losses_before_each_step_then_after"));
        IReadOnlyDictionary<string, Tensor> inputs = Load("mcg", "finetune_expected.safetensors");
        using var model = VideoMaeForVideoClassification.FromPretrained(
            PathOf("mcg", "finetune.pth"),
            options: new PretrainedOptions { Config = VideoMaeConfig.Load(PathOf("mcg", "finetune_hf", "config.json")) });
        ParameterGroups groups = Groups(model, layerDecay: 0.75);
        using var optimizer = new FusedAdamW(groups);
        int[] labels = [.. inputs["labels"].data<long>().ToArray().Select(l => (int)l)];
        MixupDraw[] draws = [.. labels.Select(_ => new MixupDraw(0.7, null))];
        using Tensor targets = tensor(Mixup.Targets(labels, 5, draws, 0.1), [labels.Length, 5]);

        for (int step = 0; step < rates.Length; step++)
        {
            using Tensor loss = SoftTargetCrossEntropy.Compute(model.forward(inputs["pixel_values_btchw"]).Logits, targets);
            Assert.AreEqual(losses[step], loss.item<float>(), 2e-6, $"loss of step {step}");
            optimizer.ZeroGrad();
            loss.backward();
            Assert.AreEqual(norms[step], nn.utils.clip_grad_norm_(groups.Parameters, 1), 1e-4, $"norm of step {step}");
            optimizer.Step(rates[step], 0.05);
        }

        using Tensor last = SoftTargetCrossEntropy.Compute(model.forward(inputs["pixel_values_btchw"]).Logits, targets);
        Assert.AreEqual(losses[^1], last.item<float>(), 1e-5, "loss afterwards");
        AssertWeights(model);
    }

    [TestMethod]
    public void PretrainingRecipe_ThreeSteps_LosesAsTheOriginal()
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/optimizer_steps.json");
        JsonElement recipe = golden.RootElement.GetProperty("pretrain");
        double[] losses = Numbers(recipe.GetProperty("losses_at_steps_0_to_3"));
        IReadOnlyDictionary<string, Tensor> inputs = Load("mcg", "pretrain_expected.safetensors");
        using var model = VideoMaeForPreTraining.FromPretrained(
            PathOf("mcg", "pretrain.pth"),
            options: new PretrainedOptions { Config = VideoMaeConfig.Load(PathOf("mcg", "pretrain_hf", "config.json")) });
        ParameterGroups groups = ParameterGroups.Create(
            model.named_parameters().Select(p => (p.name, p.parameter)), model.Config.NumHiddenLayers, layerDecay: 1);
        using var optimizer = new FusedAdamW(groups, beta2: 0.95);
        for (int step = 0; step < losses.Length; step++)
        {
            using Tensor loss = model.forward(inputs["pixel_values_btchw"], inputs["bool_masked_pos"]).Loss!;
            Assert.AreEqual(losses[step], loss.item<float>(), 1e-5, $"loss of step {step}");
            optimizer.ZeroGrad();
            loss.backward();
            optimizer.Step(recipe.GetProperty("learning_rate").GetDouble(), recipe.GetProperty("weight_decay").GetDouble());
        }
    }

    [TestMethod]
    public void Restore_ContinuesBitForBit()
    {
        using var uninterrupted = nn.Linear(4, 3);
        using var stopped = nn.Linear(4, 3);
        using (no_grad())
        {
            stopped.weight!.copy_(uninterrupted.weight!);
            stopped.bias!.copy_(uninterrupted.bias!);
        }

        using var optimizer = new FusedAdamW(Groups(uninterrupted));
        Train(uninterrupted, optimizer, 0, 6);
        using (var before = new FusedAdamW(Groups(stopped)))
        {
            Train(stopped, before, 0, 3);
            using var after = new FusedAdamW(Groups(stopped));
            Dictionary<string, Tensor> state = before.State.ToDictionary(s => s.Name, s => s.Tensor);
            after.Restore(before.Steps, name => state[name]);
            Train(stopped, after, 3, 6);
        }

        AssertClose(stopped.weight!, uninterrupted.weight!, "parameter", 0);
        AssertClose(stopped.bias!, uninterrupted.bias!, "parameter", 0);
    }

    [TestMethod]
    public void Step_WithoutGradients_ChangesNothing()
    {
        using var layer = nn.Linear(4, 3);
        using Tensor before = layer.weight!.detach().clone();
        using var optimizer = new FusedAdamW(Groups(layer));
        optimizer.Step(0.1, 0.5);
        AssertClose(before, layer.weight!, "weight", 0);
    }

    private static void Train(Linear layer, FusedAdamW optimizer, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            using var generator = new Generator((ulong)step);
            optimizer.ZeroGrad();
            layer.forward(randn([5, 4], generator: generator)).pow(2).sum().backward();
            optimizer.Step(0.01, 0.05);
        }
    }

    private static void AssertWeights(VideoMaeForVideoClassification model)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("recipe", "finetune_recipe_step3.safetensors");
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> actual = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        foreach (KeyMapping mapping in CheckpointKeyMap.Map([.. expected.Keys]).Keys)
        {
            Tensor wanted = expected[mapping.Source].chunk(mapping.Parts)[mapping.Part];
            AssertClose(wanted, actual[mapping.Target], mapping.Target, 5e-5);
        }

        Assert.HasCount(actual.Count, CheckpointKeyMap.Map([.. expected.Keys]).Keys);
    }

    private static ParameterGroups Groups(nn.Module module, double layerDecay = 1) =>
        ParameterGroups.Create(module.named_parameters().Select(p => (p.name, p.parameter)), 3, layerDecay);

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
