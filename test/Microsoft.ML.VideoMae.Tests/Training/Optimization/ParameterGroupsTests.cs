// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class ParameterGroupsTests
{
    [TestMethod]
    [DataRow("values", 3)]
    [DataRow("values_vit_base_12_layers", 12)]
    public void Scales_EqualTheOriginals(string key, int layers)
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/layer_decay.json");
        double[] expected = [.. golden.RootElement.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];
        Assert.HasCount(layers + 2, expected);
        for (int layer = 0; layer < expected.Length; layer++)
            Assert.AreEqual(expected[layer], ParameterGroups.ScaleOf(layer, layers, 0.75), 1e-12);
    }

    [TestMethod]
    [DataRow("videomae.embeddings.patch_embeddings.projection.weight", 0)]
    [DataRow("videomae.encoder.layer.0.attention.attention.query.weight", 1)]
    [DataRow("videomae.encoder.layer.2.output.dense.bias", 3)]
    [DataRow("fc_norm.weight", 4)]
    [DataRow("classifier.weight", 4)]
    public void Layer_FollowsTheDepth(string name, int expected) => Assert.AreEqual(expected, ParameterGroups.LayerOf(name, 3));

    [TestMethod]
    [DataRow("classifier.weight", new long[] { 5, 48 }, true)]
    [DataRow("classifier.bias", new long[] { 5 }, false)]
    [DataRow("fc_norm.weight", new long[] { 48 }, false)]
    [DataRow("videomae.encoder.layer.0.attention.attention.q_bias", new long[] { 48 }, false)]
    public void Decay_SparesBiasesAndNorms(string name, long[] shape, bool expected) =>
        Assert.AreEqual(expected, ParameterGroups.HasDecay(name, shape));
}
