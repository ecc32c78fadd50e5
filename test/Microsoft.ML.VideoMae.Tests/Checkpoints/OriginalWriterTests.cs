// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>Files of the original's names, beside those that the original code itself wrote.</summary>
[TestClass]
public sealed class OriginalWriterTests
{
    private static readonly VideoMaeConfig s_pretrain = VideoMaeConfig.Load(PathOf("mcg", "pretrain_hf", "config.json"));
    private static readonly VideoMaeConfig s_finetune = VideoMaeConfig.Load(PathOf("mcg", "finetune_hf", "config.json"));

    // With the epsilons of the original, so that a file that is read again is the same model.
    private static readonly VideoMaeConfig s_tiny = s_finetune with { NumHiddenLayers = 2, LayerNormEps = 1e-6, HeadNormEps = 1e-6 };

    private static PretrainedOptions With(VideoMaeConfig config) => new() { Config = config };

    [TestMethod]
    public void PreTraining_IsWhatTheOriginalWrote() =>
        AssertSameAsGolden(
            "pretrain.pth", "pretrain.pth", "model",
            VideoMaeForPreTraining.FromPretrained(PathOf("mcg", "pretrain.pth"), options: With(s_pretrain)));

    [TestMethod]
    public void Classifier_IsWhatTheOriginalWrote() =>
        AssertSameAsGolden(
            "finetune.pth", "finetune.pth", "module",
            VideoMaeForVideoClassification.FromPretrained(PathOf("mcg", "finetune.pth"), options: With(s_finetune)));

    [TestMethod]
    [DataRow("finetune_use_cls_depth1.pth")]
    [DataRow("finetune_use_cls_depth1_full_checkpoint.pth")]
    [DataRow("finetune_use_cls_depth1_legacy_serialization.pth")]
    public void Classifier_OfTheFirstToken_IsWhatTheOriginalWrote(string file) =>
        AssertSameAsGolden(
            file, "finetune_use_cls_depth1.pth", "module", VideoMaeForVideoClassification.FromPretrained(
                PathOf("mcg", file), options: With(s_finetune with { NumHiddenLayers = 1, UseMeanPooling = false })));

    /// <summary>The same names in the same order, shapes, types and bytes.</summary>
    private static void AssertSameAsGolden(string source, string golden, string key, VideoMaePreTrainedModel model)
    {
        using TemporaryFolder folder = new();
        using (model)
            Assert.IsEmpty(model.SaveOriginal(folder.File("ours.pth")), source);
        CollectionAssert.AreEqual(
            (string[])["ours.pth"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray(), "nothing is left beside it");
        PickleDictionary ours = Unpickle(folder.File("ours.pth")),
            theirs = Unpickle(PathOf("mcg", golden));
        Assert.AreEqual(key, ours.Items.Keys.Single());
        CollectionAssert.AreEqual(Names(theirs), Names(ours));

        using var scope = NewDisposeScope();
        using CheckpointFile expected = CheckpointFile.Open(PathOf("mcg", golden)), actual = CheckpointFile.Open(folder.File("ours.pth"));
        foreach ((string name, StoredTensor stored) in expected.Tensors)
        {
            Assert.AreEqual($"{stored}", $"{actual.Tensors[name]}", name);
            Tensor first = stored.Load(), second = actual.Tensors[name].Load();
            Assert.IsTrue(first.bytes.SequenceEqual(second.bytes), name);
        }
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void Classifier_ReadAgain_GivesTheSameNumbers(bool meanPooling, bool qkvBias)
    {
        using TemporaryFolder folder = new();
        using var scope = NewDisposeScope();
        VideoMaeConfig config = s_tiny with { UseMeanPooling = meanPooling, QkvBias = qkvBias };
        using VideoMaeForVideoClassification model = Noisy(new VideoMaeForVideoClassification(config));
        Assert.IsEmpty(model.SaveOriginal(folder.File("a.pth")));
        using VideoMaeForVideoClassification again = VideoMaeForVideoClassification.FromPretrained(
            folder.File("a.pth"), options: With(config));
        Assert.IsTrue(again.LoadReport!.IsComplete, again.LoadReport.ToString());
        Tensor pixels = rand([1, 4, 3, 32, 32]);
        AssertClose(model.forward(pixels).Logits, again.forward(pixels).Logits, "logits", 0);
        string[] names = Names(Unpickle(folder.File("a.pth")));
        Assert.AreEqual(meanPooling, names.Contains("fc_norm.weight"));
        Assert.AreEqual(!meanPooling, names.Contains("norm.weight"));
        Assert.AreEqual(qkvBias, names.Contains("blocks.1.attn.q_bias"));
    }

    /// <summary>A file of this code, of a published width, is read with nothing beside it.</summary>
    [TestMethod]
    public void EncoderAlone_ReadAgain_GivesTheSameNumbers()
    {
        using TemporaryFolder folder = new();
        using var scope = NewDisposeScope();
        using VideoMaeModel model = Noisy(
            new VideoMaeModel(s_tiny with { HiddenSize = 384, NumAttentionHeads = 6, UseMeanPooling = false }));
        model.SaveOriginal(folder.File("encoder.pth"));
        PretrainedOptions options = new() { Configure = inferred => inferred with { ImageSize = 32, NumFrames = 4 } };
        using VideoMaeModel again = VideoMaeModel.FromPretrained(folder.File("encoder.pth"), options: options);
        Tensor pixels = rand([1, 4, 3, 32, 32]);
        AssertClose(model.forward(pixels).LastHiddenState, again.forward(pixels).LastHiddenState, "hidden state", 0);
        Assert.AreEqual("model", Unpickle(folder.File("encoder.pth")).Items.Keys.Single());
    }

    [TestMethod]
    [DataRow(ScalarType.Float16, "torch.HalfStorage", 2)]
    [DataRow(ScalarType.BFloat16, "torch.BFloat16Storage", 2)]
    [DataRow(ScalarType.Float64, "torch.DoubleStorage", 8)]
    public void Precision_IsThatOfEveryStorage(ScalarType type, string storage, int size)
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification model = new(s_tiny);
        model.SaveOriginal(folder.File("a.pth"), type);
        using CheckpointFile file = CheckpointFile.Open(folder.File("a.pth"));
        Assert.IsTrue(file.Tensors.Values.All(stored => stored.Type == type));
        using ZipArchive zip = ZipFile.OpenRead(folder.File("a.pth"));
        Assert.AreEqual(
            model.ParameterCount * size,
            zip.Entries.Where(entry => entry.FullName.StartsWith("archive/data/", StringComparison.Ordinal)).Sum(entry => entry.Length));
        Assert.IsTrue(zip.Entries.All(entry => entry.Length == entry.CompressedLength), "PyTorch reads stored entries only");
        Assert.AreEqual(storage, PickleGlobals.StorageOf(type));
    }

    [TestMethod]
    public void SameWeights_GiveTheSameFile_ReplacingAnOlderOne()
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification model = new(s_tiny);
        File.WriteAllText(folder.File("a.pth"), "an older file");
        model.SaveOriginal(folder.File("a.pth"));
        model.SaveOriginal(folder.File("b.pth"));
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("a.pth")), File.ReadAllBytes(folder.File("b.pth")));
    }

    [TestMethod]
    public void WhatTheOriginalDoesOtherwise_IsSaid()
    {
        using TemporaryFolder folder = new();
        using VideoMaeForVideoClassification epsilons = new(s_tiny with { LayerNormEps = 1e-12 }),
            activation = new(s_tiny with { HiddenAct = "relu" });
        Assert.Contains("1e-12", epsilons.SaveOriginal(folder.File("a.pth")).Single());
        Assert.Contains("relu", activation.SaveOriginal(folder.File("a.pth")).Single());
        using VideoMaeForPreTraining noNorm = new(s_tiny with { UseMeanPooling = true });
        Assert.Contains("use_mean_pooling", noNorm.SaveOriginal(folder.File("a.pth")).Single());
    }

    [TestMethod]
    public void WhatCannotBeWritten_IsRefused_AndTheOlderFileStays()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("a.pth"), "an older file");
        using VideoMaeForVideoClassification attentive = new(s_tiny with { UseAttentivePooling = true }),
            normed = new(s_tiny with { UseMeanPooling = false, UseNormedMeanPooling = true }),
            differing = new(s_tiny with { UseMeanFrameDifference = true }),
            large = new(s_tiny);
        Assert.Contains(
            "use_mean_frame_difference",
            Assert.ThrowsExactly<NotSupportedException>(() => differing.SaveOriginal(folder.File("a.pth"))).Message);
        Assert.Contains(
            "use_normed_mean_pooling",
            Assert.ThrowsExactly<NotSupportedException>(() => normed.SaveOriginal(folder.File("a.pth"))).Message);
        Assert.Contains(
            "use_attentive_pooling",
            Assert.ThrowsExactly<NotSupportedException>(() => attentive.SaveOriginal(folder.File("a.pth"))).Message);
        Assert.Contains(
            "Int32",
            Assert.ThrowsExactly<ArgumentException>(() => large.SaveOriginal(folder.File("a.pth"), ScalarType.Int32)).Message);
        using (no_grad())
            large.get_parameter("classifier.bias")!.fill_(1e6);
        Assert.Contains(
            "'head.bias' has values beyond",
            Assert.ThrowsExactly<ArgumentException>(() => large.SaveOriginal(folder.File("a.pth"), ScalarType.Float16)).Message);
        Assert.AreEqual("an older file", File.ReadAllText(folder.File("a.pth")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    /// <summary>Biases and norms begin as zeros and ones, which would not show a mix-up.</summary>
    private static T Noisy<T>(T model)
        where T : VideoMaePreTrainedModel
    {
        using var noGrad = no_grad();
        foreach (var parameter in model.parameters())
            parameter.uniform_(-0.5, 0.5);
        model.eval();
        return model;
    }

    private static PickleDictionary Unpickle(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        using Stream stream = zip.Entries.Single(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).Open();
        return (PickleDictionary)new RestrictedUnpickler(new PickleReader(stream, 1 << 20), PickleGlobals.Storage).Run()!;
    }

    private static string[] Names(PickleDictionary file) => [.. ((PickleDictionary)file.Items.Values.Single()!).Items.Keys.Cast<string>()];
}
