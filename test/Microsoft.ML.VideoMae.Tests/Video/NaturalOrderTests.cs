// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
public sealed class NaturalOrderTests
{
    [TestMethod]
    public void Compare_NumbersInNames_ByValue()
    {
        string[] expected = ["a", "a1", "a01", "a2", "a2b", "a10", "a010", "a123456789012345678901234567890", "b"];
        CollectionAssert.AreEqual(
            expected.Order(NaturalOrder.Instance).ToArray(), expected.Reverse().Order(NaturalOrder.Instance).ToArray());
        string[] frames = ["f10.png", "f9.png", "f1.png"];
        CollectionAssert.AreEqual((string[])["f1.png", "f9.png", "f10.png"], frames.Order(NaturalOrder.Instance).ToArray());
    }
}
