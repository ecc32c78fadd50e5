// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.VideoMae.Tests.Onnx;

/// <summary>ONNX Runtime gives what our models give.</summary>
[TestClass]
public sealed class OnnxTests
{
    [TestMethod]
    [DataRow("cls_1channel")]
    [DataRow("cls_frames_not_multiple")]
    [DataRow("cls_gelu_new")]
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
    public void Variants_GiveTheReferencesLogits(string variant)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("variants", variant, "expected.safetensors");
        using VideoMaeForVideoClassification model = LoadModel(config => new VideoMaeForVideoClassification(config), "variants", variant);
        using Tensor logits = Run(Write(model), expected["pixel_values"], OnnxClassifier.Logits);
        AssertValues(expected["logits"], logits, "logits");
    }

    [TestMethod]
    [DataRow(true, 3, false, false)]
    [DataRow(false, 1, false, false)]
    [DataRow(false, 3, true, false)]
    [DataRow(false, 3, false, true)]
    public void OtherHeads_Positions_AndBatches_GiveOurOutputs(bool isAttentive, int labels, bool separable, bool normed)
    {
        VideoMaeConfig config = TestClips.Config with
        {
            UseAttentivePooling = isAttentive,
            UseSeparablePositions = separable,
            UseMeanPooling = !normed,
            UseNormedMeanPooling = normed,
            NumLabels = labels,
            InitializerRange = 0.2,
        };
        using var model = new VideoMaeForVideoClassification(config, new Generator(3));
        model.eval();
        string path = Write(model);
        foreach (int batch in (int[])[1, 5])
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor pixels = randn([batch, 4, 3, 16, 16], generator: new Generator(7));
            Tensor expected = model.forward(pixels).Logits;
            AssertValues(expected, Run(path, pixels, OnnxClassifier.Logits), "logits");
            if (labels > 1)
                AssertValues(expected.softmax(1), Run(path, pixels, OnnxClassifier.Probabilities), "probabilities");
        }
    }

    [TestMethod]
    public void LargeModels_HaveTheirWeightsInASecondFile()
    {
        using var model = new VideoMaeForVideoClassification(TestClips.Config, new Generator(3));
        model.eval();
        string one = Write(model), two = Write(model, maxInlineBytes: 1000);
        Assert.IsFalse(File.Exists($"{one}.data"));
        Assert.IsGreaterThan(model.ParameterCount * sizeof(float), new FileInfo($"{two}.data").Length);
        Assert.IsLessThan(new FileInfo($"{two}.data").Length, new FileInfo(two).Length);
        using Tensor pixels = randn([2, 4, 3, 16, 16], generator: new Generator(7));
        using Tensor expected = Run(one, pixels, OnnxClassifier.Logits), actual = Run(two, pixels, OnnxClassifier.Logits);
        AssertClose(expected, actual, "logits", 0);
    }

    private static string Write(VideoMaeForVideoClassification model, long maxInlineBytes = OnnxFile.MaxInlineBytes)
    {
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        OnnxFile.Write(path, OnnxClassifier.Build(model), new Dictionary<string, string>(), maxInlineBytes);
        return path;
    }

    private static Tensor Run(string path, Tensor pixelValues, string output)
    {
        using var session = new InferenceSession(path);
        using Tensor pixels = pixelValues.contiguous();
        var input = new DenseTensor<float>(pixels.data<float>().ToArray(), [.. pixels.shape.Select(size => (int)size)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxClassifier.PixelValues, input)], [output]);
        DenseTensor<float> values = results[0].AsTensor<float>().ToDenseTensor();
        return tensor(values.ToArray(), [.. values.Dimensions.ToArray().Select(size => (long)size)]);
    }
}
