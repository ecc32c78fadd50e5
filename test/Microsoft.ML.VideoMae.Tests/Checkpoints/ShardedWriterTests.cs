// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Tests.Cli;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>Large models are spread over several files, as save_pretrained of Python's does it.</summary>
[TestClass]
public sealed class ShardedWriterTests
{
    private const string Reference = "classification/sharded";

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    /// <summary>The reference was written with max_shard_size = "60KB".</summary>
    [TestMethod]
    public void Files_AndIndex_AreThoseOfTheReference()
    {
        using TemporaryFolder folder = new();
        string source = Transformers5.Folder(Reference);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(source);
        model.SavePretrained(folder.Path, options: new PretrainedSaveOptions { MaxShardBytes = 60_000 });
        Assert.AreEqual(
            File.ReadAllText(Path.Combine(source, "model.safetensors.index.json")).ReplaceLineEndings("\n"),
            File.ReadAllText(folder.File("model.safetensors.index.json")));
        foreach (string file in Files(source).Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal) && file[0] == 'm'))
        {
            using SafetensorsContent theirs = SafetensorsReader.Load(Path.Combine(source, file));
            using SafetensorsContent ours = SafetensorsReader.Load(folder.File(file));
            CollectionAssert.AreEquivalent(theirs.Tensors.Keys.ToArray(), ours.Tensors.Keys.ToArray(), file);
            foreach ((string name, torch.Tensor value) in theirs.Tensors)
                Assert.IsTrue(value.allclose(ours.Tensors[name], rtol: 0, atol: 0), name);
        }

        ReferenceVerification result = ReferenceVerifier.Verify(folder.Path, Path.Combine(source, "expected.safetensors"));
        Assert.IsTrue(result.Passed && result.LoadReport.IsComplete, result.LoadReport.ToString());
    }

    [TestMethod]
    public void Folder_ThatHadAnotherModel_HasNothingOfItLeft()
    {
        using TemporaryFolder folder = new();
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(Transformers5.Folder(Reference));
        string[] beside = ["README.md", "config.json"];
        foreach ((long limit, int files) in ((long, int)[])[(long.MaxValue, 1), (60_000, 4), (130_000, 2), (5_000_000_000, 1)])
        {
            model.SavePretrained(folder.Path, options: new PretrainedSaveOptions { MaxShardBytes = limit });
            string[] weights = files == 1 ? ["model.safetensors"]
                : [.. Enumerable.Range(1, files).Select(i => $"model-0000{i}-of-0000{files}.safetensors"), "model.safetensors.index.json"];
            CollectionAssert.AreEquivalent(beside.Concat(weights).ToArray(), Files(folder.Path), $"{limit}");
            using VideoMaePreTrainedModel again = VideoMaeAutoModel.FromPretrained(folder.Path);
            Assert.IsTrue(again.LoadReport!.IsComplete);
        }

        File.WriteAllText(folder.File("mine.safetensors"), "");
        model.SavePretrained(folder.Path);
        Assert.IsTrue(File.Exists(folder.File("mine.safetensors")), "What is not of a model by its name stays.");
    }

    [TestMethod]
    public void EveryWeight_HasItsFile_WhateverTheLimitAndType()
    {
        using TemporaryFolder folder = new();
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(Transformers5.Folder(Reference));
        model.SavePretrained(folder.Path, torch.ScalarType.Float16, options: new PretrainedSaveOptions { MaxShardBytes = 1 });
        JsonObject index = JsonNode.Parse(File.ReadAllText(folder.File("model.safetensors.index.json")))!.AsObject();
        JsonObject map = index["weight_map"]!.AsObject();
        int count = model.named_parameters().Count();
        Assert.HasCount(count, map);
        Assert.AreEqual(count, map.Select(pair => (string)pair.Value!).Distinct().Count());
        Assert.AreEqual(model.ParameterCount, (long)index["metadata"]!["total_parameters"]!);
        Assert.AreEqual(2 * model.ParameterCount, (long)index["metadata"]!["total_size"]!);
        Assert.Contains("room for at least one byte", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => model.SavePretrained(folder.Path, options: new PretrainedSaveOptions { MaxShardBytes = 0 })).Message);
    }

    /// <summary>One weight after the other is converted and written: while it is, the tensors of others are not there.</summary>
    [TestMethod]
    public void Weights_AreConvertedOneAtATime()
    {
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(Transformers5.Folder(Reference));
        (string, torch.Tensor)[] tensors = [.. model.named_parameters().Select(pair => (pair.name, (torch.Tensor)pair.parameter))];
        using var stream = new WatchingStream();
        SafetensorsWriter.Write(stream, tensors, dtype: torch.ScalarType.BFloat16);
        Assert.IsGreaterThan(model.ParameterCount * 2, stream.Length);
        Assert.IsLessThanOrEqualTo(8, stream.Most - stream.Before, "A weight, what it becomes, and views of it.");
        Assert.IsGreaterThan(30, tensors.Length);
    }

    /// <summary>Counts the tensors that are alive whenever something is written.</summary>
    private sealed class WatchingStream : MemoryStream
    {
        public long Before { get; } = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        public long Most { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Most = Math.Max(Most, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            base.Write(buffer);
        }
    }

    [TestMethod]
    public void Tool_TakesALimitInPythonsUnits()
    {
        string source = Transformers5.Folder(Reference), folder = Path.Combine(Tool.Folder, "sharded");
        (int code, _, string errors) = Tool.Run("convert", source, "--output", folder, "--max-shard-size", "60KB");
        Assert.AreEqual(0, code, errors);
        Assert.HasCount(4, Directory.GetFiles(folder, "model-*-of-00004.safetensors"));
        (code, _, errors) = Tool.Run("convert", source, "--output", folder, "--max-shard-size", "much");
        Assert.AreNotEqual(0, code);
        Assert.Contains("--max-shard-size is 'much'; give a size above 0 such as 500MB or 5GB.", errors);
        (code, _, errors) = Tool.Run("convert", source, "--output", $"{folder}.zip", "--license", "mit");
        Assert.AreNotEqual(0, code);
        Assert.Contains("--license is for a folder, and 'zip' is written. Leave it out.", errors);
    }
}
