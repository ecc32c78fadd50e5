// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Models;

[TestClass]
public sealed class StartingWeightsTests
{
    [TestMethod]
    [DataRow("tiny/pretraining", true)]
    [DataRow("tiny/pretraining_layernorm", true)]
    [DataRow("tiny/classification", false)]
    public void Checkpoint_IsOfPretrainingWhereItHasSeenNoLabels(string checkpoint, bool expected) =>
        Assert.AreEqual(expected, IsPreTraining(ReferenceFiles.Path(checkpoint)));

    /// <summary>
    /// An encoder alone ends in a layer norm where it comes from pre-training. That of a classifier that averages tokens has none.
    /// </summary>
    [TestMethod]
    [DataRow(false, true)]
    [DataRow(true, false)]
    public void EncoderAlone_IsToldByItsLastNorm(bool useMeanPooling, bool expected)
    {
        using var folder = new TemporaryFolder();
        using var encoder = new VideoMaeModel(TestClips.Config with { UseMeanPooling = useMeanPooling }, new torch.Generator(1));
        encoder.SavePretrained(folder.Path);
        Assert.AreEqual(expected, IsPreTraining(folder.Path));
    }

    [TestMethod]
    public void ShippedWeights_AreOfPretraining() => Assert.IsTrue(IsPreTraining(ShippedWeights.For(null)!.Folder));

    private static bool IsPreTraining(string path)
    {
        using var weights = StartingWeights.Find(path);
        return weights.IsPreTraining;
    }
}
