// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>What all tests need before the first of them.</summary>
[TestClass]
public static class TestProcess
{
    /// <summary>
    /// Loads libtorch as the product does. Tests of modules alone would load it otherwise, with threads that spin while other tests decode.
    /// </summary>
    [AssemblyInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();
}
