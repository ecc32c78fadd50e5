// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Reconstruction;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
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
        using Tensor logits = Run(Write(model), expected["pixel_values"], OnnxModels.Logits);
        AssertValues(expected["logits"], logits, "logits");
    }

    [TestMethod]
    [DataRow(true, 3, false, false, false)]
    [DataRow(false, 1, false, false, false)]
    [DataRow(false, 3, true, false, false)]
    [DataRow(false, 3, false, true, false)]
    [DataRow(false, 3, false, false, true)]
    public void OtherHeads_Positions_AndBatches_GiveOurOutputs(bool isAttentive, int labels, bool separable, bool normed, bool differs)
    {
        VideoMaeConfig config = TestClips.Config with
        {
            UseAttentivePooling = isAttentive,
            UseSeparablePositions = separable,
            UseMeanPooling = !normed,
            UseNormedMeanPooling = normed,
            UseMeanFrameDifference = differs,
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
            AssertValues(expected, Run(path, pixels, OnnxModels.Logits), "logits");
            if (labels > 1)
                AssertValues(expected.softmax(1), Run(path, pixels, OnnxModels.Probabilities), "probabilities");
        }
    }

    /// <summary>An even and an odd grid, and clips of one tubelet, where nothing changes.</summary>
    [TestMethod]
    [DataRow(16, 24, 2, 2)]
    [DataRow(24, 40, 2, 3)]
    [DataRow(24, 24, 4, 1)]
    public void Cells_GiveOurOutputs(int height, int width, int tubelet, int blocks)
    {
        VideoMaeConfig config = TestClips.Config with
        {
            ImageSize = new SpatialSize(height, width),
            TubeletSize = tubelet,
            NumHiddenLayers = blocks,
            UseCellPooling = true,
            NumLabels = 3,
            InitializerRange = 0.2,
        };
        using var model = new VideoMaeForVideoClassification(config, new Generator(3));
        model.eval();
        string path = Write(model), features = Write(model, new OnnxExportOptions { Output = OnnxOutput.Features, FeatureLayer = OnnxExport.Cells });
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor pixels = randn([2, 4, 3, height, width], generator: new Generator(7));
        AssertValues(model.forward(pixels).Logits, Run(path, pixels, OnnxModels.Logits), "logits");
        AssertValues(model.Features(pixels), Run(features, pixels, OnnxModels.Features), "features");
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
        using Tensor expected = Run(one, pixels, OnnxModels.Logits), actual = Run(two, pixels, OnnxModels.Logits);
        AssertClose(expected, actual, "logits", 0);
    }

    [TestMethod]
    public void Half_GivesNearlyTheSame_WithInputsAndOutputsOf32Bits()
    {
        using var model = VideoMaeForVideoClassification.FromPretrained(Transformers5.Folder("classification/plain"));
        using SafetensorsContent expected = SafetensorsReader.Load(Transformers5.Folder("classification/plain/expected.safetensors"));
        string whole = Write(model), half = Write(model, new OnnxExportOptions { Precision = WeightStorage.Float16 });
        Assert.IsLessThan(0.6 * new FileInfo(whole).Length, new FileInfo(half).Length);
        using Tensor logits = Run(half, expected.Tensors["pixel_values"], OnnxModels.Logits);
        AssertClose(expected.Tensors["logits"], logits, "logits", 0.02);
        using (var session = new InferenceSession(half))
        {
            foreach (NodeMetadata value in session.InputMetadata.Values.Concat(session.OutputMetadata.Values))
                Assert.AreEqual(typeof(float), value.ElementType);
        }

        using IDisposable noGrad = no_grad();
        model.Head.Weight.mul_(1e9);
        Assert.Contains("beyond what Float16 holds", Assert.ThrowsExactly<ArgumentException>(
            () => Write(model, new OnnxExportOptions { Precision = WeightStorage.Float16 })).Message);
    }

    /// <summary>Features of an encoder alone, of a classifier, and of an autoencoder; of the last block and of another.</summary>
    [TestMethod]
    [DataRow("encoder", 0)]
    [DataRow("encoder", 1)]
    [DataRow("classification/plain", 0)]
    [DataRow("classification/cls_token", 0)]
    [DataRow("classification/cls_token", 1)]
    [DataRow("pretraining/plain", 0)]
    public void Features_AreTheMeanOfTheTokens(string name, int layer)
    {
        string folder = Transformers5.Folder(name);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder);
        using SafetensorsContent expected = SafetensorsReader.Load(Path.Combine(folder, "expected.safetensors"));
        string path = Write(model, new OnnxExportOptions { Output = OnnxOutput.Features, FeatureLayer = layer });
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor pixels = expected.Tensors["pixel_values"];
        VideoMaeModel encoder = model as VideoMaeModel ?? (model as VideoMaeForVideoClassification)?.Encoder
            ?? ((VideoMaeForPreTraining)model).Encoder;
        VideoMaeModelOutput output = encoder.forward(pixels, outputHiddenStates: true);
        Tensor tokens = layer == 0 ? output.LastHiddenState : output.HiddenStates![layer];
        AssertValues(tokens, Run(path, pixels, OnnxModels.LastHiddenState), "tokens");
        AssertValues(tokens.mean([1]), Run(path, pixels, OnnxModels.Features), "features");
    }

    [TestMethod]
    [DataRow("plain")]
    [DataRow("layernorm")]
    public void Reconstruction_GivesTheReferencesLogits(string name)
    {
        string folder = Transformers5.Folder($"pretraining/{name}");
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder);
        using SafetensorsContent expected = SafetensorsReader.Load(Path.Combine(folder, "expected.safetensors"));
        using Tensor logits = Run(Write(model, new OnnxExportOptions()), expected.Tensors["pixel_values"], OnnxModels.Logits,
            expected.Tensors["bool_masked_pos"]);
        AssertValues(expected.Tensors["logits"], logits, "logits");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Reconstruction_GivesTheFramesThatOursGives(bool normalizes)
    {
        VideoMaeConfig config = TestClips.Config with { NormPixLoss = normalizes, InitializerRange = 0.2 };
        var network = new VideoMaeForPreTraining(config, new Generator(3));
        network.eval();
        using var model = new PreTrainingModel(network, new VideoModelSettings(
            ClipProcessor.Fit(null, 16, 16), new UniformFrameSampler(4), CPU), new ClipMasks(config, VideoMaskingStrategy.Tube, 0.5), 1);
        MLVideo video = MLVideo.CreateFromFile(TestClips.Clip("red", 1));
        VideoMaeReconstruction ours = Unmasker.Reconstruct(model, video, 0);
        float[] pixels = model.ReadPixelValues(video, new VideoNotes(), default);
        using Tensor clip = tensor(pixels, [1, 4, 3, 16, 16]), hidden = model.Masks.OfContent(pixels, 0);
        using Tensor frames = Run(Write(network, new OnnxExportOptions()), clip, OnnxModels.Reconstruction, hidden); // [1, T, H, W, 3]
        byte[] theirs = [.. frames.data<float>().Select(p => (byte)Math.Clamp(Math.Round(p * 255), 0, 255))];
        byte[] expected = [.. ours.Reconstructed.SelectMany(frame => frame.ToArray())];
        Assert.HasCount(expected.Length, theirs);
        Assert.IsLessThanOrEqualTo(1, expected.Zip(theirs, (a, b) => Math.Abs(a - b)).Max());
        byte[] original = [.. ours.Original.SelectMany(frame => frame.ToArray())];
        Assert.IsGreaterThan(10, original.Zip(theirs, (a, b) => Math.Abs(a - b)).Max(), "Hidden patches are another picture.");
    }

    /// <summary>A mask may hide as many patches as it likes, in any number of clips.</summary>
    [TestMethod]
    public void Reconstruction_TakesAnyMask()
    {
        using var model = new VideoMaeForPreTraining(TestClips.Config with { InitializerRange = 0.2 }, new Generator(3));
        model.eval();
        string path = Write(model, new OnnxExportOptions());
        foreach ((int batch, int masked) in ((int, int)[])[(1, 1), (3, 5), (2, model.Config.NumPatches - 1)])
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor pixels = randn([batch, 4, 3, 16, 16], generator: new Generator(7));
            Tensor order = rand([batch, model.Config.NumPatches], generator: new Generator(9)).argsort(1);
            Tensor mask = order.lt(masked);
            AssertValues(model.forward(pixels, mask).Logits, Run(path, pixels, OnnxModels.Logits, mask), $"{masked}");
        }
    }

    /// <summary>A transformer of each kind, as it was trained and saved.</summary>
    [TestMethod]
    [DataRow("classifier", "logits,probabilities")]
    [DataRow("binary", "logits")]
    [DataRow("regression", "logits")]
    [DataRow("features", "features,last_hidden_state")]
    [DataRow("pretrained", "logits,reconstruction")]
    [DataRow("anomaly", "logits,reconstruction")]
    public void EveryKindOfTransformer_IsWritten(string kind, string outputs)
    {
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        var model = (VideoMaeScoringTransformer)new MLContext().Model.Load(ReferenceFiles.Path($"today/{kind}.zip"), out _);
        using (model)
            model.SaveOnnx(path, new OnnxExportOptions { Input = OnnxInput.Frames });
        using var session = new InferenceSession(path);
        CollectionAssert.AreEquivalent(outputs.Split(','), session.OutputMetadata.Keys.ToArray());
        CollectionAssert.AreEquivalent(
            kind is "pretrained" or "anomaly" ? [OnnxModels.Frames, OnnxModels.BoolMaskedPos] : (string[])[OnnxModels.Frames],
            session.InputMetadata.Keys.ToArray());
        if (kind != "features")
            return;
        MLVideo video = MLVideo.CreateFromFile(TestClips.Clip("red", 1));
        using var again = (VideoMaeFeaturizingTransformer)new MLContext().Model.Load(ReferenceFiles.Path($"today/{kind}.zip"), out _);
        VideoFrames frames = VideoReader.Default.Read(video, again.Sampler);
        var input = new DenseTensor<byte>(frames.Pixels.ToArray(), [1, frames.Count, frames.Height, frames.Width, 3]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxModels.Frames, input)], [OnnxModels.Features]);
        float[] expected = again.Extract(video), actual = results[0].AsTensor<float>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 0.02f, $"{i}");
    }

    private static string Write(VideoMaeForVideoClassification model, long maxInlineBytes = OnnxFile.MaxInlineBytes)
    {
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        OnnxFile.Write(path, OnnxModels.Build(model, new OnnxExportOptions()), new Dictionary<string, string>(), maxInlineBytes);
        return path;
    }

    private static string Write(VideoMaePreTrainedModel model, OnnxExportOptions options)
    {
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        model.SaveOnnx(path, options);
        return path;
    }

    private static Tensor Run(string path, Tensor pixelValues, string output, Tensor? mask = null)
    {
        using var session = new InferenceSession(path);
        using Tensor pixels = pixelValues.contiguous();
        List<NamedOnnxValue> inputs =
            [NamedOnnxValue.CreateFromTensor(OnnxModels.PixelValues, Dense(pixels.data<float>().ToArray(), pixels))];
        if (mask is not null)
        {
            using Tensor hidden = mask.contiguous();
            inputs.Add(NamedOnnxValue.CreateFromTensor(OnnxModels.BoolMaskedPos, Dense(hidden.data<bool>().ToArray(), hidden)));
        }

        using var results = session.Run(inputs, [output]);
        DenseTensor<float> values = results[0].AsTensor<float>().ToDenseTensor();
        return tensor(values.ToArray(), [.. values.Dimensions.ToArray().Select(size => (long)size)]);

        static DenseTensor<T> Dense<T>(T[] values, Tensor of) => new(values, [.. of.shape.Select(size => (int)size)]);
    }
}
