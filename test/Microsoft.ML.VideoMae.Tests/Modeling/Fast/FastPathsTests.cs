// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>One variable switches everything off that takes the place of ordinary operators.</summary>
[TestClass]
[DoNotParallelize] // the environment belongs to the process
public sealed class FastPathsTests
{
    [TestMethod]
    [DataRow(null, false)]
    [DataRow("1", false)]
    [DataRow("0", true)]
    public void Variable_SwitchesToTheModelItself(string? value, bool isModel)
    {
        string? before = Environment.GetEnvironmentVariable(FastPaths.Variable);
        Environment.SetEnvironmentVariable(FastPaths.Variable, value);
        try
        {
            using var model = new VideoMaeForVideoClassification(TestClips.Config, new Generator(1));
            using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.Float32, Assert.Fail);
            Assert.AreEqual(isModel, encoder is ModelEncoder);
        }
        finally
        {
            Environment.SetEnvironmentVariable(FastPaths.Variable, before);
        }
    }
}
