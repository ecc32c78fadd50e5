// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests;

[TestClass]
public sealed class SmokeTests
{
    [TestMethod]
    public void NativeLibrary_Loads()
    {
        using Tensor x = ones(2, 3);
        Assert.AreEqual(6f, x.sum().item<float>());
    }
}
