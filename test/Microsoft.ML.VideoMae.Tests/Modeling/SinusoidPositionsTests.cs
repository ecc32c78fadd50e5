// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Globalization;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class SinusoidPositionsTests
{
    private static readonly IReadOnlyDictionary<string, Tensor> s_expected = Load("position", "sinusoid.safetensors");

    [TestMethod]
    [DataRow(32, 48)]
    [DataRow(18, 60)]
    public void Table_EqualsReference(int positions, int size)
    {
        using Tensor table = SinusoidPositions.Table(positions, size);
        AssertClose(s_expected[$"{positions}x{size}.full"], table[0], "table", 1e-6);
    }

    [TestMethod]
    [DataRow(384)]
    [DataRow(768)]
    [DataRow(1024)]
    public void Table_RowsAndSums_EqualReference(int size)
    {
        using Tensor table = SinusoidPositions.Table(1568, size)[0];
        foreach (int row in (int[])[0, 1, 2, 784, 1566, 1567])
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"1568x{size}.row_{row}");
            AssertClose(s_expected[name], table[row], name, 1e-6);
        }

        using Tensor exact = table.to(ScalarType.Float64);
        AssertClose(s_expected[$"1568x{size}.row_sums_float64"], exact.sum(dim: 1), "row sums", 1e-6 * size);
        AssertClose(s_expected[$"1568x{size}.column_sums_float64"], exact.sum(dim: 0), "column sums", 1e-6 * 1568);
    }
}
