// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
public sealed class SafetensorsTests
{
    [TestMethod]
    public void EveryType_ComesBack()
    {
        ScalarType[] types =
        [
            ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
            ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool];
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = types.ToDictionary(
            type => $"t.{type}",
            type => arange(0, 6, ScalarType.Float32).reshape(2, 3).to(type));
        tensors["scalar"] = tensor(3.5f);
        tensors["empty"] = zeros(0, 4);
        tensors["transposed"] = arange(0, 6, ScalarType.Float32).reshape(2, 3).t();
        using MemoryStream stream = new();
        SafetensorsWriter.Write(
            stream,
            tensors.Select(pair => (pair.Key, pair.Value)), new Dictionary<string, string> { ["note"] = "é\"x" });
        stream.Position = 0;
        using SafetensorsContent content = SafetensorsReader.Load(stream);
        Assert.AreEqual("é\"x", content.Metadata["note"]);
        Assert.HasCount(tensors.Count, content.Tensors);
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.AreEqual(tensor.dtype, content.Tensors[name].dtype, name);
            CollectionAssert.AreEqual(tensor.shape, content.Tensors[name].shape, name);
            Assert.IsTrue(tensor.eq(content.Tensors[name]).all().item<bool>(), name);
        }
    }

    [TestMethod]
    public void Header_IsAlignedAndSaysFormat()
    {
        using Tensor one = ones(3, ScalarType.Float16);
        using MemoryStream stream = new();
        SafetensorsWriter.Write(stream, [("a", one)]);
        Assert.AreEqual(0, (stream.Length - 6) % 8);
        stream.Position = 0;
        using SafetensorsContent content = SafetensorsReader.Load(stream);
        Assert.AreEqual("pt", content.Metadata["format"]);
    }

    [TestMethod]
    [DataRow(ScalarType.Float32, 0)]
    [DataRow(ScalarType.BFloat16, 0.01)]
    [DataRow(ScalarType.Float16, 0.001)]
    public void Model_ThroughAStreamThatCannotSeek_ComesBack(ScalarType type, double relative)
    {
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with { NumHiddenLayers = 1 };
        using VideoMaeForVideoClassification model = new(config), other = new(config);
        using MemoryStream stored = new();
        using (DeflateStream zip = new(stored, CompressionLevel.Fastest, leaveOpen: true))
            ModelWeights.Save(model, zip, type);
        stored.Position = 0;
        using (DeflateStream zip = new(stored, CompressionMode.Decompress))
            ModelWeights.Load(other, zip);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in other.named_parameters())
        {
            using var scope = NewDisposeScope();
            Tensor expected = model.get_parameter(name)!;
            Assert.AreEqual(ScalarType.Float32, parameter.dtype);
            Assert.IsTrue(
                (parameter - expected).abs().le(expected.abs() * relative + 1e-7 * (relative > 0 ? 1 : 0)).all().item<bool>(), name);
        }
    }

    [TestMethod]
    public void Half_TooLargeAValue_IsRefused()
    {
        using Tensor large = full(3, 1e6f);
        Assert.Contains(
            "'w'", Assert
                .ThrowsExactly<System.ArgumentException>(() =>
                    SafetensorsWriter.Write(new MemoryStream(), [("w", large)], dtype: ScalarType.Float16))
                .Message);
    }

    [TestMethod]
    public void Names_MustDiffer()
    {
        using Tensor one = ones(1);
        Assert.ThrowsExactly<System.ArgumentException>(() => SafetensorsWriter.Write(new MemoryStream(), [("a", one), ("a", one)]));
        Assert.ThrowsExactly<System.ArgumentException>(() => SafetensorsWriter.Write(new MemoryStream(), [("__metadata__", one)]));
    }

    [TestMethod]
    public void FailedWrite_LeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        using Tensor one = ones(1), complex = ones(1, ScalarType.ComplexFloat32);
        SafetensorsWriter.Write(folder.File("w.safetensors"), [("a", one)]);
        Assert.ThrowsExactly<System.NotSupportedException>(() => SafetensorsWriter.Write(folder.File("w.safetensors"), [("a", complex)]));
        using SafetensorsContent content = SafetensorsReader.Load(folder.File("w.safetensors"));
        Assert.AreEqual(1f, content.Tensors["a"].item<float>());
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void ModelWeights_OfAnotherShape_AreRefusedAndNothingIsLoaded()
    {
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with { NumHiddenLayers = 1 };
        using VideoMaeForVideoClassification model = new(config), other = new(config with { IntermediateSize = 96 });
        using MemoryStream stored = new();
        ModelWeights.Save(other, stored);
        stored.Position = 0;
        using Tensor before = model.get_parameter("classifier.weight")!.detach().clone();
        string message = Assert.ThrowsExactly<InvalidDataException>(() => ModelWeights.Load(model, stored)).Message;
        Assert.Contains("videomae.encoder.layer.0.intermediate.dense.weight", message);
        Assert.IsTrue(before.eq(model.get_parameter("classifier.weight")!).all().item<bool>());
    }
}
