// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

[TestClass]
[TestCategory("Slow")]
public sealed class PackageContentTests
{
    private static string Library => Path.Combine(PackageFeed.Folder, $"Microsoft.ML.VideoMae.{PackageFeed.Version}.nupkg");

    private static string Tool => Path.Combine(PackageFeed.Folder, $"Microsoft.ML.VideoMae.Cli.{PackageFeed.Version}.nupkg");

    private static string Weights => Path.Combine(PackageFeed.Folder, $"Microsoft.ML.VideoMae.Weights.{PackageFeed.Version}.nupkg");

    private static string ImageFeatures =>
        Path.Combine(PackageFeed.Folder, $"Microsoft.ML.VideoMae.ImageFeatures.{PackageFeed.Version}.nupkg");

    [TestMethod]
    public void Weights_HoldAFolderForEachPreset_AndNoCode()
    {
        string[] expected =
        [
            "CHANGELOG.md", "LICENSE", "Microsoft.ML.VideoMae.Weights.nuspec", "PACKAGE.md", "THIRD-PARTY-NOTICES.txt",
            "buildTransitive/Microsoft.ML.VideoMae.Weights.targets", "icon.png", "weights/cpu-motion-tiny/README.md",
            "weights/cpu-motion-tiny/config.json", "weights/cpu-motion-tiny/model.safetensors",
            "weights/cpu-motion-tiny/preprocessor_config.json", "weights/cpu-motion/README.md", "weights/cpu-motion/config.json",
            "weights/cpu-motion/model.safetensors", "weights/cpu-motion/preprocessor_config.json",
        ];
        CollectionAssert.AreEqual(expected, Files(Weights));
        Assert.IsFalse(Metadata(Weights).Descendants().Any(e => e.Name.LocalName == "dependency"), "It depends on nothing.");
    }

    [TestMethod]
    public void Library_HoldsWhatUsersNeed_AndNoMore()
    {
        string[] expected =
        [
            "CHANGELOG.md", "LICENSE", "Microsoft.ML.VideoMae.nuspec", "PACKAGE.md", "THIRD-PARTY-NOTICES.txt",
            "buildTransitive/net10.0/Microsoft.ML.VideoMae.targets", "icon.png", "lib/net10.0/Microsoft.ML.VideoMae.dll",
            "lib/net10.0/Microsoft.ML.VideoMae.xml",
        ];
        CollectionAssert.AreEqual(expected, Files(Library));
        CollectionAssert.Contains(Files(Path.ChangeExtension(Library, ".snupkg")), "lib/net10.0/Microsoft.ML.VideoMae.pdb");
    }

    [TestMethod]
    public void Library_DependsOnWhatItUses_AndNothingElse()
    {
        string[] expected =
        [
            "Google.Protobuf", "Microsoft.ML", "Microsoft.ML.ImageAnalytics", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies",
            "System.Numerics.Tensors", "TorchSharp", "YamlDotNet"];
        CollectionAssert.AreEqual(expected, Dependencies(Library));
    }

    [TestMethod]
    public void ImageFeatures_HoldCode_AndBringTheNetworkAsAPackage()
    {
        string[] files =
        [
            "CHANGELOG.md", "LICENSE", "Microsoft.ML.VideoMae.ImageFeatures.nuspec", "PACKAGE.md", "THIRD-PARTY-NOTICES.txt", "icon.png",
            "lib/net10.0/Microsoft.ML.VideoMae.ImageFeatures.dll", "lib/net10.0/Microsoft.ML.VideoMae.ImageFeatures.xml",
        ];
        CollectionAssert.AreEqual(files, Files(ImageFeatures));
        // With the versions that this repository pins for what these packages need.
        string[] dependencies =
        [
            "Google.Protobuf", "Microsoft.ML", "Microsoft.ML.DnnImageFeaturizer.ResNet18", "Microsoft.ML.ImageAnalytics",
            "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxTransformer", "Microsoft.ML.VideoMae", "SkiaSharp",
            "SkiaSharp.NativeAssets.Linux.NoDependencies", "System.Numerics.Tensors", "TorchSharp",
            "YamlDotNet",
        ];
        CollectionAssert.AreEqual(dependencies, Dependencies(ImageFeatures));
        Assert.IsLessThan(200_000, new FileInfo(ImageFeatures).Length);
    }

    [TestMethod]
    public void Tool_HoldsSymbolsAndLibtorch()
    {
        string[] files = Files(Tool);
        foreach (string file in (string[])
                [
                    "PACKAGE.md", "LICENSE", "icon.png", "tools/net10.0/any/videomae.dll", "tools/net10.0/any/videomae.pdb",
                    "tools/net10.0/any/Microsoft.ML.VideoMae.pdb"])
            CollectionAssert.Contains(files, file);
        CollectionAssert.Contains(files, "tools/net10.0/any/videomae-weights/cpu-motion/model.safetensors");
        CollectionAssert.Contains(files, "tools/net10.0/any/DnnImageModels/ResNet18Onnx/ResNet18.onnx");
        Assert.IsTrue(files.Any(f => Path.GetFileName(f) == "libtorch_cpu.so"));
        Assert.IsTrue(files.Any(f => Path.GetFileName(f) == "libonnxruntime.so"));
        Assert.IsFalse(files.Any(f => f.Contains("/runtimes/android/", StringComparison.Ordinal)), "No library of phones.");
        Assert.IsFalse(
            files.Any(f => f.Contains("Cecil", StringComparison.Ordinal) || f.Contains("CodeAnalysis", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void All_SayWhatNuGetShows()
    {
        foreach (string package in (string[])[Library, Weights, ImageFeatures, Tool])
        {
            Dictionary<string, string> metadata = Metadata(package).Elements().ToDictionary(e => e.Name.LocalName, e => e.Value);
            Assert.AreEqual("icon.png", metadata["icon"]);
            Assert.AreEqual("PACKAGE.md", metadata["readme"]);
            Assert.AreEqual("MIT", metadata["license"]);
            foreach (string name in (string[])["description", "authors", "tags", "copyright", "releaseNotes"])
                Assert.AreNotEqual("", metadata[name], name);
            using ZipArchive zip = ZipFile.OpenRead(package);
            using var reader = new StreamReader(zip.GetEntry("PACKAGE.md")!.Open());
            string text = reader.ReadToEnd();
            foreach (string section in (string[])
                    [
                        "About", "Key Features", "How to Use", "Main Types", "Additional Documentation", "Related Packages",
                        "Feedback & Contributing"])
                Assert.Contains($"## {section}\n", text);
        }
    }

    private static string[] Dependencies(string package) =>
    [
        .. Metadata(package).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value)
            .Order(StringComparer.Ordinal),
    ];

    private static XElement Metadata(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        using Stream nuspec = zip.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    /// <summary>All files but those of the package format itself.</summary>
    private static string[] Files(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        return
        [
            .. zip
                .Entries.Select(e => e.FullName)
                .Where(f =>
                    !f.StartsWith("_rels/", StringComparison.Ordinal)
                    && !f.StartsWith("package/", StringComparison.Ordinal)
                    && f != "[Content_Types].xml")
                .Order(StringComparer.Ordinal)];
    }
}
