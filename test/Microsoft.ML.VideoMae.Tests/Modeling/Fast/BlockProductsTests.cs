// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>
/// Blocks whose linear layers multiply by another operator train as they do by libtorch's. What is no question of numbers is tested with
/// libtorch's own product in the operator's place, on every machine.
/// </summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class BlockProductsTests
{
    private const int Blocks = 3;

    private static readonly VideoMaeConfig s_config = TestClips.Config with
    {
        NumHiddenLayers = Blocks,
        NumLabels = 3,
        InitializerRange = 0.2,
    };

    private static readonly IReadOnlyDictionary<string, Tensor> s_inputs = Load("tiny", "expected", "inputs.safetensors");

    private readonly List<string> _warnings = [];
    private int _calls;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void GradientsOfAClassifier_ByOneDnn_EqualReference(bool checkpointing)
    {
        using VideoMaeForVideoClassification model = Reference(config => new VideoMaeForVideoClassification(config), "classification");
        model.ActivationCheckpointing = checkpointing;
        using Tensor pixels = s_inputs["pixel_values"].clone().requires_grad_(true);
        using VideoMaeClassificationOutput output = model.forward(pixels, s_inputs["labels"]);
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", "classification.safetensors");
        AssertLoss(expected["loss"].item<float>(), output.Loss, "loss");
        model.Backward(output.Loss!);
        AssertGradients(model, "classification_grads.safetensors");
        AssertGradient(expected["grad_pixel_values"], pixels.grad, "pixel_values");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void GradientsOfPreTraining_ByOneDnn_EqualReference(bool checkpointing)
    {
        using VideoMaeForPreTraining model = Reference(config => new VideoMaeForPreTraining(config), "pretraining");
        model.ActivationCheckpointing = checkpointing;
        using VideoMaePreTrainingOutput output = model.forward(s_inputs["pixel_values"], s_inputs["bool_masked_pos"]);
        model.Backward(output.Loss!);
        AssertGradients(model, "pretraining_grads.safetensors");
    }

    [TestMethod]
    public void ThreeSteps_ByOneDnn_EqualReference()
    {
        using VideoMaeForVideoClassification model = Reference(config => new VideoMaeForVideoClassification(config), "classification");
        GoldenTraining.AssertSteps(
            model, () => model.forward(s_inputs["pixel_values"], s_inputs["labels"]).Loss!, 0.999,
            "classification.adamw_b0.9_0.999.losses", "classification_adamw_b999_step3.safetensors");
    }

    /// <summary>Dropout draws the same masks, and whoever wants to know of complete blocks is told of the same ones.</summary>
    [TestMethod]
    [DataRow(0, 0, false)]
    [DataRow(0.2, 0, false)]
    [DataRow(0.2, 0, true)]
    [DataRow(0.2, 2, false)]
    [DataRow(0.2, 2, true)]
    public void Gradients_AreThoseOfLibtorch(double dropout, int frozen, bool checkpointing)
    {
        var told = new List<int>();
        using VideoMaeForVideoClassification ordinary = Model(dropout, frozen, null), other = Model(dropout, frozen, Counted());
        Dictionary<string, Tensor> expected = Gradients(ordinary, checkpointing, told), actual = Gradients(other, checkpointing, told);
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        foreach ((string name, Tensor gradient) in expected)
            AssertClose(gradient, actual[name], name, 1e-5);
        int half = told.Count / 2;
        CollectionAssert.AreEqual(told.Take(half).ToArray(), told.Skip(half).ToArray());
        Assert.IsGreaterThan(0, _calls);
    }

    [TestMethod]
    public void Checkpointing_GivesTheSameGradients()
    {
        using VideoMaeForVideoClassification model = Model(0.2, 0, Counted()), again = Model(0.2, 0, Counted());
        Dictionary<string, Tensor> expected = Gradients(model, checkpointing: false), actual = Gradients(again, checkpointing: true);
        foreach ((string name, Tensor gradient) in expected)
            AssertClose(gradient, actual[name], name, 0);
    }

    [TestMethod]
    public void Step_MultipliesFourLayersOfEveryBlockThreeTimes()
    {
        using VideoMaeForVideoClassification model = Model(0, 0, Counted());
        Gradients(model); // Every product is compared once.
        _calls = 0;
        Gradients(model);
        Assert.AreEqual(Blocks * 4 * 3, _calls);
    }

    [TestMethod]
    public void WithoutGradients_ProductsAreUsedAndNothingIsKept()
    {
        using VideoMaeForVideoClassification model = Model(0, 0, Counted());
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        model.forward(Clips());
        _calls = 0;
        long before = 0;
        for (int i = 0; i < 2; i++)
        {
            using (DisposeScope one = NewDisposeScope())
                model.forward(Clips());
            before = i == 0 ? LiveTensors : before;
        }

        Assert.AreEqual(before, LiveTensors);
        Assert.AreEqual(2 * Blocks * 4, _calls);
    }

    /// <summary>Passes that end in a call of the loss's own way back stay libtorch's.</summary>
    [TestMethod]
    [DataRow(true, true, false, DisplayName = "hidden states are asked for")]
    [DataRow(false, false, false, DisplayName = "gradients outside of training")]
    [DataRow(true, false, true, DisplayName = "products in another type")]
    public void PassesOfAnotherKind_StayLibtorchs(bool trains, bool hiddenStates, bool isShort)
    {
        using VideoMaeForVideoClassification model = Model(0, 0, Counted());
        model.train(trains);
        model.Precision = isShort ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
        using DisposeScope scope = NewDisposeScope();
        model.forward(Clips(), Labels(), outputHiddenStates: hiddenStates).Loss!.backward();
        Assert.AreEqual(0, _calls);
        Assert.IsTrue(model.parameters().All(p => p.grad is not null));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ManySteps_LeaveNoTensorsBehind(bool checkpointing)
    {
        using VideoMaeForVideoClassification model = Model(0.2, 0, Counted());
        model.ActivationCheckpointing = checkpointing;
        long before = 0;
        for (int step = 0; step < 50; step++)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                model.zero_grad();
                Tensor loss = model.forward(Clips(), Labels()).Loss!;
                if (step % 5 == 4)
                    model.ForgetForward();
                else
                    model.Backward(loss);
            }

            before = step == 2 ? LiveTensors : before;
            if (step > 2 && step % 5 != 4)
                Assert.AreEqual(before, LiveTensors, $"step {step}");
        }
    }

    /// <summary>An exception on the way back reaches the caller, who can train on.</summary>
    [TestMethod]
    public void ExceptionOnTheWayBack_ReachesTheCaller()
    {
        bool fails = false;
        using VideoMaeForVideoClassification model = Model(0, 0, new CheckedProducts(
            (a, b, bias) => fails ? throw new InvalidOperationException("from a product") : nn.functional.linear(a, b, bias),
            new OperatorCheck(_warnings.Add)));
        Gradients(model);
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor loss = model.forward(Clips(), Labels()).Loss!;
            fails = true;
            Exception e = Assert.ThrowsExactly<InvalidOperationException>(() => model.Backward(loss));
            Assert.AreEqual("from a product", e.Message);
            model.ForgetForward();
        }

        fails = false;
        model.zero_grad();
        Assert.IsNotEmpty(Gradients(model));
    }

    /// <summary>What is wrong is found before its results are used, for each use of a product by itself.</summary>
    [TestMethod]
    [DataRow("outputs", "outputs 24x16 by 16x16 (")]
    [DataRow("gradients of weights", "gradients of weights 16x24 by 24x16 (")]
    [DataRow("it fails", "(it failed, or gave no numbers)")]
    public void WrongOperator_IsReplacedAndSaid(string what, string named)
    {
        var wrong = new CheckedProducts(
            (a, b, bias) => what switch
            {
                "it fails" => throw new ExternalException("refused"),
                "outputs" when bias is null => nn.functional.linear(a, b, bias),
                "gradients of weights" when a.is_contiguous() => nn.functional.linear(a, b, bias),
                _ => nn.functional.linear(a, b, bias).neg_(),
            },
            new OperatorCheck(_warnings.Add, "products", "Gradients"));
        using VideoMaeForVideoClassification ordinary = Model(0, 0, null), model = Model(0, 0, wrong);
        Dictionary<string, Tensor> expected = Gradients(ordinary), actual = Gradients(model);
        foreach ((string name, Tensor gradient) in expected)
            AssertClose(gradient, actual[name], name, 1e-5);
        Gradients(model);
        Assert.HasCount(1, _warnings);
        Assert.Contains("products are computed by libtorch's ordinary operators", _warnings[0]);
        Assert.Contains("Gradients are right, and take longer.", _warnings[0]);
        Assert.Contains(named, _warnings[0]);
    }

    [TestMethod]
    public void ModelsOnSeveralThreads_ShareProducts()
    {
        CheckedProducts products = Counted();
        using VideoMaeForVideoClassification alone = Model(0, 0, products);
        Dictionary<string, Tensor> expected = Gradients(alone);
        Parallel.For(0, 4, _ =>
        {
            using VideoMaeForVideoClassification model = Model(0, 0, products);
            for (int i = 0; i < 5; i++)
            {
                model.zero_grad();
                foreach ((string name, Tensor gradient) in Gradients(model))
                    AssertClose(expected[name], gradient, name, 0);
            }
        });
    }

    /// <summary>Those of this thread: others run tests too.</summary>
    private static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private CheckedProducts Counted() => new(
        (a, b, bias) =>
        {
            System.Threading.Interlocked.Increment(ref _calls);
            return nn.functional.linear(a, b, bias);
        },
        new OperatorCheck(Assert.Fail));

    private static T Reference<T>(Func<VideoMaeConfig, T> create, string folder)
        where T : VideoMaePreTrainedModel
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
        T model = LoadModel(create, "tiny", folder);
        model.train();
        model.Products = CheckedProducts.OfOneDnn(Assert.Fail);
        return model;
    }

    private static VideoMaeForVideoClassification Model(double dropout, int frozen, CheckedProducts? products)
    {
        var model = new VideoMaeForVideoClassification(s_config with { HiddenDropoutProb = dropout }, new Generator(1));
        if (frozen > 0)
            model.Encoder.Freeze(frozen);
        model.DropPathRate = dropout;
        model.Products = products;
        model.train();
        return model;
    }

    private static void AssertGradients(VideoMaePreTrainedModel model, string file)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", file);
        Assert.AreEqual(expected.Count, model.named_parameters().Count());
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            AssertGradient(expected[name], parameter.grad, name);
    }

    private static Dictionary<string, Tensor> Gradients(
        VideoMaeForVideoClassification model, bool checkpointing = false, List<int>? told = null)
    {
        model.ActivationCheckpointing = checkpointing;
        TransformerBlock[] blocks = [.. model.Encoder.Blocks];
        model.BlockCompleted = told is null ? null : block => told.Add(Array.IndexOf(blocks, block));
        using DisposeScope scope = NewDisposeScope();
        model.Backward(model.forward(Clips(), Labels()).Loss!);
        return model.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.clone().DetachFromDisposeScope());
    }

    private static Tensor Clips() => randn([3, 4, 3, 16, 16], generator: new Generator(5));

    private static Tensor Labels() => tensor((long[])[0, 1, 2]);
}
