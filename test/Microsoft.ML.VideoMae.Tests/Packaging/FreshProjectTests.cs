// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.ML.VideoMae.Tests.Documents;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>What happens in someone else's project: outside of this repository, with nothing but the packages.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FreshProjectTests
{
    [TestMethod]
    public void FreshProject_Trains_AndAnotherPredicts()
    {
        string zip = Path.Combine(PackageFeed.NewFolder(), "model.zip");
        string trainer = FreshProject.Create();
        string output = DotNet.Run(trainer, "run", "--", "train", TestClips.Folder, zip);
        Assert.Contains("trained", output);
        Assert.Contains("The package Microsoft.ML.VideoMae.Weights (licence MIT) would give a start", output);
        string predictor = FreshProject.Create();
        Assert.Contains("predicted ", DotNet.Run(predictor, "run", "--", "predict", TestClips.Clip("red", 1), zip));
    }

    [TestMethod]
    public void PackageOfWeights_IsFoundBesideTheApplication_PublishedToo()
    {
        string project = FreshProject.Create(weights: true),
            published = Path.Combine(project, "published"),
            zip = Path.Combine(project, "model.zip");
        string output = DotNet.Run(project, "run", "--", "train", TestClips.Folder, zip);
        Assert.Contains(
            "starts from the weights of the package Microsoft.ML.VideoMae.Weights, pre-trained on generated videos (licence MIT)", output);
        Assert.Contains("trained", output);
        DotNet.Run(project, "publish", "-o", published);
        foreach (string file in (string[])["config.json", "model.safetensors", "preprocessor_config.json", "README.md"])
            Assert.IsTrue(File.Exists(Path.Combine(published, "videomae-weights", "cpu-motion", file)), file);
        // A model holds its own weights: a program that predicts needs no package of weights.
        Assert.Contains("predicted ", DotNet.Run(FreshProject.Create(), "run", "--", "predict", TestClips.Clip("red", 1), zip));
    }

    [TestMethod]
    public void ImageFeatures_NeedNoLibtorch_AndAreNamedWhereTheyAreMissing()
    {
        string project = FreshProject.Create(native: null, imageFeatures: true),
            published = Path.Combine(project, "published"),
            zip = Path.Combine(project, "model.zip");
        Assert.Contains("trained", DotNet.Run(project, "run", "--", "train-images", TestClips.Folder, zip));
        DotNet.Run(project, "publish", "-o", published);
        Assert.Contains("predicted red", DotNet.Run(published, "app.dll", "predict", TestClips.Clip("red", 1), zip));
        string output = DotNet.Fail(FreshProject.Create(native: null), "run", "--", "predict", TestClips.Clip("red", 1), zip);
        Assert.Contains("Microsoft.ML.VideoMae.ImageFeatures", output);
    }

    [TestMethod]
    public void ProjectWithoutLibtorch_IsToldWhatToAdd()
    {
        string project = FreshProject.Create(native: null);
        string output = DotNet.Fail(project, "run", "--", "train", TestClips.Folder, Path.Combine(project, "model.zip"));
        Assert.Contains(
            $"The native libtorch library could not be loaded: {Messages.TorchSharpWithoutLibtorch} Microsoft.ML.VideoMae " +
                "leaves the choice of it to the application: " +
                "add one of the packages TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, version 0.107.0, to its " +
                "project.",
            output);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SingleFile_TrainsAndPredicts(bool bundlesNativeLibraries)
    {
        string project = FreshProject.Create(properties: $"""
            <PublishSingleFile>true</PublishSingleFile>
            <SelfContained>false</SelfContained>
            <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
            <IncludeNativeLibrariesForSelfExtract>{bundlesNativeLibraries}</IncludeNativeLibrariesForSelfExtract>
            """);
        string published = Path.Combine(project, "published"),
            program = Path.Combine(published, "app"),
            zip = Path.Combine(project, "model.zip");
        DotNet.Run(project, "publish", "-o", published);
        Assert.AreEqual(bundlesNativeLibraries, !File.Exists(Path.Combine(published, "libLibTorchSharp.so")));
        Assert.Contains("trained", DotNet.Start(published, program, succeeds: true, "train", TestClips.Folder, zip));
        Assert.Contains("predicted ", DotNet.Start(published, program, succeeds: true, "predict", TestClips.Clip("red", 1), zip));
    }

    [TestMethod]
    public void SingleSourceFile_IsToldTheLineItNeeds_AndRunsWithIt()
    {
        string folder = FreshProject.CreateFile();
        string output = DotNet.Fail(folder, "run", "app.cs", TestClips.Folder);
        Assert.Contains(
            "error VIDEOMAE002: A program that is a single .cs file is compiled ahead of time unless it says otherwise", output);
        Assert.Contains("#:property PublishAot=false", output);
        string file = Path.Combine(folder, "app.cs");
        File.WriteAllText(file, $"#:property PublishAot=false\n{File.ReadAllText(file)}");
        Assert.Contains("12 videos", DotNet.Run(folder, "run", "app.cs", TestClips.Folder));
    }

    [TestMethod]
    [DataRow("PublishTrimmed")]
    [DataRow("PublishAot")]
    public void Trimming_IsRefusedClearly(string property)
    {
        // As MSBuild's property, not in the project: restoring needs no package of the trimmer then.
        string project = FreshProject.Create(native: null);
        DotNet.Run(project, "build");
        string output = DotNet.Fail(project, "msbuild", "-t:Publish", $"-p:{property}=true", "-p:NoBuild=true", "-p:Configuration=Debug");
        Assert.Contains("error VIDEOMAE001: Trimming and native compilation are not supported by ML.NET", output);
    }
}
