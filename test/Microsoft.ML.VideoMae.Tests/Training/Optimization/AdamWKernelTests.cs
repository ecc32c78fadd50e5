// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.Optimization;

/// <summary>The fused operator and ordinary ones are the same optimizer, so that one can take the other's place.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class AdamWKernelTests
{
    private static readonly int[] s_sizes = [1, 2, 7, 8, 9, 16, 31, 64, 100, 257];

    [TestMethod]
    public void FusedAndOrdinary_AgreeOverTwentySteps()
    {
        using DisposeScope scope = NewDisposeScope();
        AdamWRow[] fused = Rows(), ordinary = Rows();
        for (int step = 1; step <= 20; step++)
        {
            for (int i = 0; i < s_sizes.Length; i++)
            {
                using Tensor gradient = randn([s_sizes[i]], generator: new Generator((ulong)(100 * step + i)));
                fused[i].Gradient.copy_(gradient);
                ordinary[i].Gradient.copy_(gradient);
            }

            var numbers = new AdamWNumbers(step, 1e-3 * step, 0.9, 0.999, 0.05, 1e-8);
            AdamWKernel.Fused(fused, numbers);
            AdamWKernel.Ordinary(ordinary, numbers);
        }

        for (int i = 0; i < s_sizes.Length; i++)
        {
            AssertClose(ordinary[i].Parameter, fused[i].Parameter, $"parameter of {s_sizes[i]}", 1e-6);
            AssertClose(ordinary[i].Average, fused[i].Average, $"average of {s_sizes[i]}", 1e-6);
            AssertClose(ordinary[i].Square, fused[i].Square, $"square of {s_sizes[i]}", 1e-6);
        }
    }

    [TestMethod]
    public void Check_AcceptsWhatIsRight()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.IsNull(AdamWKernel.Check([.. Rows().Select(r => r.Parameter)], AdamWKernel.Fused));
    }

    [TestMethod]
    public void Check_FindsOneWrongParameter()
    {
        using DisposeScope scope = NewDisposeScope();
        string? warning = AdamWKernel.Check([.. Rows().Select(r => r.Parameter)], (rows, numbers) =>
        {
            AdamWKernel.Fused(rows, numbers);
            rows[3].Parameter[^1] = tensor(7f);
        });
        StringAssert.StartsWith(warning, $"libtorch's fused AdamW differs from its ordinary operators for 1 of {s_sizes.Length} " +
            "parameters on this processor");
    }

    private static AdamWRow[] Rows() => [.. s_sizes.Select((size, i) => new AdamWRow(
        randn([size], generator: new Generator((ulong)i)), zeros([size]), zeros([size]), zeros([size])))];
}
