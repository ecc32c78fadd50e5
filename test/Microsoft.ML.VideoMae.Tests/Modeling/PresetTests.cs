// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class PresetTests
{
    private static VideoMaeConfig Preset(string name) => (VideoMaeConfig)typeof(VideoMaeConfig).GetProperty(name)!.GetValue(null)!;

    /// <summary>Counted from names and shapes; <see cref="ParameterTable_EqualsTheModels"/> proves that count on models that are built.</summary>
    [TestMethod]
    [DataRow("Small", 400, 22_033_936L, 27_585_984L)]
    [DataRow("Base", 400, 86_534_800L, 94_209_408L)]
    [DataRow("Large", 400, 304_270_736L, 342_994_944L)]
    [DataRow("Huge", 400, 632_119_440L, 692_484_736L)]
    [DataRow("CpuTiny", 10, 990_858L, 1_197_376L)]
    [DataRow("CpuSmall", 10, 2_744_266L, 3_021_408L)]
    public void ParameterCounts_AreTheDocumented(string name, int classes, long classifier, long preTraining)
    {
        VideoMaeConfig config = Preset(name) with { NumLabels = classes };
        config.Validate();
        Assert.AreEqual(classifier, ParameterTable.Count(config, ModelKind.Classification));
        Assert.AreEqual(preTraining, ParameterTable.Count(config, ModelKind.PreTraining));
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void ParameterTable_EqualsTheModels(bool meanPooling, bool bias)
    {
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with { UseMeanPooling = meanPooling, QkvBias = bias, NumLabels = 7, PatchSize = new SpatialSize(16, 8), NumChannels = 2 };
        using VideoMaeModel encoder = new(config);
        using VideoMaeForVideoClassification classifier = new(config);
        using VideoMaeForPreTraining preTraining = new(config);
        foreach (VideoMaePreTrainedModel model in (VideoMaePreTrainedModel[])[encoder, classifier, preTraining])
        {
            Dictionary<string, string> actual = model.named_parameters().ToDictionary(pair => pair.name, pair => string.Join("x", pair.parameter.shape));
            Dictionary<string, string> expected = ParameterTable.For(config, model.Kind).ToDictionary(pair => pair.Name, pair => string.Join("x", pair.Shape));
            CollectionAssert.AreEquivalent(expected, actual, model.Kind.ToString());
            Assert.AreEqual(model.ParameterCount, ParameterTable.Count(config, model.Kind));
            CollectionAssert.AreEquivalent(expected.Keys, model.state_dict().Keys);
        }
    }

    [TestMethod]
    [DataRow("CpuTiny")]
    [DataRow("CpuSmall")]
    public void CpuPresets_Build(string name)
    {
        using VideoMaeForVideoClassification model = new(Preset(name) with { NumLabels = 10 });
        Assert.AreEqual(ParameterTable.Count(model.Config, ModelKind.Classification), model.ParameterCount);
        Assert.IsTrue(model.named_parameters().All(pair => pair.parameter is Parameter { requires_grad: true }));
    }
}
