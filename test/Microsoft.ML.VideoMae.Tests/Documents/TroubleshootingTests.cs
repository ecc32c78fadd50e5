// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>The messages in docs/troubleshooting.md are those that a user reads.</summary>
[TestClass]
public sealed class TroubleshootingTests
{
    private static readonly string s_document = Messages.Normalize(
        File.ReadAllText(Path.Combine(DocumentCode.Root, "docs/troubleshooting.md")));

    public static IEnumerable<object[]> Mistakes => Messages.All.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Mistakes))]
    public void Message_IsInTheDocument(string mistake) => Assert.Contains(Messages.Normalize(Messages.All[mistake]()), s_document);
}
