// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class SeparablePositionsTests
{
    // 2 times, 2 rows, 3 columns; 32 columns: 8 of time, 12 of the row, 12 of the column.
    private static readonly VideoMaeConfig s_config = TestClips.Config with
    {
        ImageSize = new SpatialSize(16, 24),
        HiddenSize = 32,
        DecoderHiddenSize = 16,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 32,
        DecoderNumHiddenLayers = 1,
        InitializerRange = 0.2,
        UseSeparablePositions = true,
    };

    [TestMethod]
    public void Table_NamesTimeRowAndColumn()
    {
        using Tensor table = SinusoidPositions.Table(s_config, 32);
        CollectionAssert.AreEqual(new long[] { 1, 12, 32 }, table.shape);
        float[] values = table.data<float>().ToArray();
        for (int token = 0; token < 12; token++)
        {
            float[] expected = [.. Waves(token / 6, 8), .. Waves(token / 3 % 2, 12), .. Waves(token % 3, 12)];
            for (int j = 0; j < 32; j++)
                Assert.AreEqual(expected[j], values[token * 32 + j], 1e-7f, $"token {token}, column {j}");
        }
    }

    [TestMethod]
    public void Default_IsThePublishedTable()
    {
        using Tensor expected = SinusoidPositions.Table(12, 32),
            actual = SinusoidPositions.Table(s_config with { UseSeparablePositions = false }, 32);
        AssertClose(expected, actual, "table", 0);
    }

    [TestMethod]
    public void FastEncoder_AndSavedModels_HaveThem()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        using var plain = new VideoMaeForVideoClassification(s_config with { UseSeparablePositions = false }, new Generator(1));
        model.eval();
        plain.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = randn([2, 4, 3, 16, 24], generator: new Generator(2)), expected = model.forward(clips).Logits;
        Assert.IsGreaterThan(1e-3f, (expected - plain.forward(clips).Logits).abs().max().item<float>(), "positions count");
        using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, oneDnn: null);
        AssertClose(expected, model.Classify(encoder.Tokens(clips)), "fast", 1e-5);

        string folder = Path.Combine(TestClips.NewFolder(), "model");
        string[] notes = [.. model.SavePretrained(folder)];
        Assert.IsTrue(notes.Any(n => n.Contains("use_separable_positions")), string.Join("\n", notes));
        using var loaded = VideoMaeForVideoClassification.FromPretrained(folder);
        loaded.eval();
        Assert.IsTrue(loaded.Config.UseSeparablePositions);
        AssertClose(expected, loaded.forward(clips).Logits, "loaded", 0);
        Assert.DoesNotContain("use_separable_positions", plain.Config.ToJson());
    }

    [TestMethod]
    public void Decoder_HasThem()
    {
        using var model = new VideoMaeForPreTraining(s_config, new Generator(1));
        using var plain = new VideoMaeForPreTraining(s_config with { UseSeparablePositions = false }, new Generator(1));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = randn([1, 4, 3, 16, 24], generator: new Generator(2));
        Tensor mask = tensor(Enumerable.Range(0, 12).Select(i => i % 3 != 0).ToArray(), [1, 12]);
        Assert.IsGreaterThan(1e-3f, (model.forward(clips, mask).Logits - plain.forward(clips, mask).Logits).abs().max().item<float>());
    }

    [TestMethod]
    public void Widths_AreMultiplesOf16()
    {
        string message = Assert.Throws<ArgumentException>(() => (s_config with { DecoderHiddenSize = 24 }).Validate()).Message;
        StringAssert.Contains(message, "hidden_size is 32 and decoder_hidden_size 24; use_separable_positions needs multiples of 16.");
    }

    [TestMethod]
    public void EqualParts_AreAThirdEach_InWavesOf2Pi()
    {
        VideoMaeConfig config = s_config with { UseEqualPositionParts = true, HiddenSize = 24, DecoderHiddenSize = 12 };
        config.Validate();
        using Tensor table = SinusoidPositions.Table(config, 24);
        float[] values = table.data<float>().ToArray();
        for (int token = 0; token < 12; token++)
        {
            int[] places = [token / 6, token / 3 % 2, token % 3];
            for (int j = 0; j < 24; j++)
            {
                int k = j % 8;
                double angle = places[j / 8] * Math.Pow(100, -2.0 * (k / 2) / 8);
                var expected = (Half)(k % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
                Assert.AreEqual((float)expected, values[token * 24 + j], $"token {token}, column {j}");
            }
        }
    }

    [TestMethod]
    public void EqualParts_AreWrittenWhereTheyAreSet_AndChecked()
    {
        VideoMaeConfig config = s_config with { UseEqualPositionParts = true, HiddenSize = 24, DecoderHiddenSize = 12 };
        Assert.IsTrue(VideoMaeConfig.FromJson(config.ToJson()).UseEqualPositionParts);
        Assert.DoesNotContain("use_equal_position_parts", s_config.ToJson());
        StringAssert.Contains(Problem(s_config with { UseEqualPositionParts = true }), "hidden_size is 32 and decoder_hidden_size 16; " +
            "use_equal_position_parts needs multiples of 6.");
        StringAssert.Contains(Problem(config with { UseSeparablePositions = false }), "use_equal_position_parts is true and " +
            "use_separable_positions is false; set both, or neither.");

        static string Problem(VideoMaeConfig wrong) => Assert.Throws<ArgumentException>(wrong.Validate).Message;
    }

    private static float[] Waves(int place, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(j => place * Math.PI / 2 * Math.Pow(100, -(j - j % 2) / (double)count))
                .Select((angle, j) => (float)(j % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle)))];
}
