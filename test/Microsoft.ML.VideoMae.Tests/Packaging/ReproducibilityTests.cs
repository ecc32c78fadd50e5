// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

[TestClass]
[TestCategory("Slow")]
public sealed class ReproducibilityTests
{
    [TestMethod]
    public void Packing_InTwoPlaces_GivesTheSameFiles()
    {
        string other = PackageFeed.NewFolder();
        PackageFeed.Pack(Path.Combine(other, "another", "place", "of", "sources"), other, PackageFeed.Version);
        string[] packages = [.. Directory.GetFiles(PackageFeed.Folder, "*nupkg").Select(f => Path.GetFileName(f)).Order()];
        Assert.HasCount(6, packages); // Four, and the symbols of two.
        foreach (string package in packages)
        {
            Dictionary<string, string> first = Hashes(Path.Combine(PackageFeed.Folder, package)),
                second = Hashes(Path.Combine(other, package));
            CollectionAssert.AreEquivalent(first.Keys, second.Keys);
            string[] different = [.. first.Keys.Where(name => first[name] != second[name])];
            Assert.IsEmpty(different, $"{package}: {string.Join(", ", different)}");
        }
    }

    /// <summary>Of every file's content; the times in a .zip are those of packing.</summary>
    private static Dictionary<string, string> Hashes(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using Stream stream = e.Open();
            return Convert.ToHexString(SHA256.HashData(stream));
        });
    }
}
