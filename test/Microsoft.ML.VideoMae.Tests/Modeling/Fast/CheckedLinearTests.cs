// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>A fast layer that is wrong is found on the first clip, and does nobody any harm.</summary>
[TestClass]
public sealed class CheckedLinearTests
{
    private const int Inputs = 6;
    private const int Outputs = 5;

    private readonly List<string> _warnings = [];
    private readonly Tensor _weight = randn([Outputs, Inputs], generator: new Generator(1));
    private readonly Tensor _bias = randn([Outputs], generator: new Generator(2));

    /// <summary>An ordinary layer, but for what a test makes of its results.</summary>
    private sealed class Altered(FastLinear layer, Func<Tensor, Tensor> alter) : FastLinear
    {
        public int Calls { get; private set; }

        internal override Tensor Forward(Tensor x) => Alter(layer.Forward(x));

        internal override Tensor ForwardGelu(Tensor x) => Alter(layer.ForwardGelu(x));

        internal override Tensor ForwardAdd(Tensor x, Tensor residual) => Alter(layer.ForwardAdd(x, residual));

        public override void Dispose() => layer.Dispose();

        private Tensor Alter(Tensor result)
        {
            Calls++;
            return alter(result);
        }
    }

    [TestMethod]
    [DataRow("alone")]
    [DataRow("gelu")]
    [DataRow("add")]
    public void RightLayer_IsUsedFromThenOn(string use)
    {
        var fast = new Altered(Ordinary(), result => result);
        AssertRight(fast, use, rows: 4);
        AssertRight(fast, use, rows: 4);
        Assert.AreEqual(2, fast.Calls);
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    [DataRow("alone")]
    [DataRow("gelu")]
    [DataRow("add")]
    public void WrongOutput_MakesTheOrdinaryLayerTakeOver(string use)
    {
        var fast = new Altered(Ordinary(), result => result.Plus(cat([zeros([Outputs - 1]), ones([1])])));
        var check = new OperatorCheck(_warnings.Add);
        using var layer = new CheckedLinear("encoder.layer.3", fast, Ordinary(), check);
        for (int i = 0; i < 3; i++)
        {
            AssertRight(layer, use, rows: 4);
            check.Report();
        }

        Assert.AreEqual(1, fast.Calls, "it is not asked again");
        Assert.HasCount(1, _warnings, "one warning");
        StringAssert.StartsWith(_warnings[0], "1 of 1 layers are computed by libtorch's ordinary operators");
        StringAssert.Contains(_warnings[0], $"on this processor, {ProcessorInfo.Description}: encoder.layer.3 (by ");
    }

    [TestMethod]
    public void LastRowAlone_IsEnough()
    {
        using var layer = new CheckedLinear("a", new Altered(Ordinary(), result =>
        {
            Tensor changed = result.clone();
            changed[^1, ^1] = zeros([Outputs]);
            return changed;
        }), Ordinary(), new OperatorCheck(_warnings.Add));
        AssertRight(layer, "alone", rows: 7);
    }

    [TestMethod]
    public void AnotherNumberOfRows_IsComparedAnew()
    {
        using var layer = new CheckedLinear(
            "a",
            new Altered(Ordinary(), result => result.shape[^2] == 5 ? result.neg() : result), Ordinary(), new OperatorCheck(_warnings.Add));
        AssertRight(layer, "alone", rows: 4);
        AssertRight(layer, "alone", rows: 5);
        AssertRight(layer, "alone", rows: 5);
        AssertRight(layer, "alone", rows: 4);
    }

    [TestMethod]
    public void OperatorThatFails_IsReplacedAndSaid()
    {
        var check = new OperatorCheck(_warnings.Add);
        using var layer = new CheckedLinear("b", new Altered(Ordinary(), _ => throw new ExternalException("refused")), Ordinary(), check);
        AssertRight(layer, "add", rows: 2);
        check.Report();
        StringAssert.Contains(_warnings[0], "b (it failed, or gave no numbers)");
    }

    [TestMethod]
    public void WeightsThatAreNoNumbers_AreNoDifference()
    {
        using Tensor weight = _weight.clone();
        weight[0, 0] = tensor(float.NaN);
        var check = new OperatorCheck(_warnings.Add);
        using var layer = new CheckedLinear(
            "c", FastLinear.Create("c", weight, _bias, null), FastLinear.Create("c", weight, _bias, null), check);
        using Tensor x = Input(2),
            result = layer.Forward(x);
        check.Report();
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void NothingIsLeftBehind()
    {
        using Tensor x = Input(4);
        long before = 0;
        for (int i = 0; i < 2; i++)
        {
            using (var layer = new CheckedLinear(
                    "d",
                    new Altered(Ordinary(), result => result.neg()), Ordinary(), new OperatorCheck(_warnings.Add)))
            using (DisposeScope scope = NewDisposeScope())
                layer.ForwardAdd(x, zeros([1, 4, Outputs]));
            if (i == 0)
                before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private FastLinear Ordinary() => FastLinear.Create("", _weight, _bias, null);

    private static Tensor Input(int rows) => randn([1, rows, Inputs], generator: new Generator((ulong)rows));

    private void AssertRight(FastLinear layer, string use, int rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Input(rows), residual = randn([1, rows, Outputs], generator: new Generator(9));
        Tensor expected = nn.functional.linear(x, _weight, _bias);
        (Tensor right, Tensor actual) = use switch
        {
            "alone" => (expected, layer.Forward(x)),
            "gelu" => (expected.gelu(), layer.ForwardGelu(x)),
            _ => (expected.add(residual), layer.ForwardAdd(x, residual.clone())),
        };
        Assert.IsTrue(actual.allclose(right, 1e-5, 1e-5), $"{use}: {actual.sub(right).abs().max().item<float>()}");
    }
}
