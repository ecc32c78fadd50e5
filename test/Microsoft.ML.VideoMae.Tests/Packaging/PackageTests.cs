// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>What happens in someone else's project: outside of this repository, with nothing but the package.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class PackageTests
{
    private const string Program = """
        using System;
        using System.Linq;
        using Microsoft.ML;
        using Microsoft.ML.VideoMae;

        var ml = new MLContext(seed: 1);
        if (args[0] == "train")
        {
            IDataView videos = ml.Data.LoadVideosFromDirectory(args[1]);
            var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
                .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
                .Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options { NumberOfEpochs = 2 }))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
            ml.Model.Save(pipeline.Fit(videos), videos.Schema, args[2]);
            return;
        }

        var model = ml.Model.Load(args[2], out var schema);
        using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(model, schema);
        Console.WriteLine($"predicted {engine.Predict(new Row { VideoPath = args[1] }).PredictedLabel}");

        public class Row { public string VideoPath { get; set; } = ""; public string Label { get; set; } = ""; }

        public class Prediction { public string PredictedLabel { get; set; } = ""; }
        """;

    private static readonly string s_version = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    private static readonly Lazy<string> s_feed = new(() =>
    {
        string feed = TestClips.NewFolder();
        string project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/Microsoft.ML.VideoMae/Microsoft.ML.VideoMae.csproj"));
        Run(feed, 0, "pack", project, "-c", "Release", "-o", feed, $"-p:Version={s_version}", "-p:BaseOutputPath=" + Path.Combine(feed, "bin") + "/");
        return feed;
    });

    [TestMethod]
    public void Package_HoldsWhatUsersNeed_AndNoMore()
    {
        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(s_feed.Value, "*.nupkg").Single());
        string[] files = [.. package.Entries.Select(e => e.FullName)];
        foreach (string file in (string[])["lib/net10.0/Microsoft.ML.VideoMae.dll", "lib/net10.0/Microsoft.ML.VideoMae.xml", "buildTransitive/net10.0/Microsoft.ML.VideoMae.targets", "PACKAGE.md", "LICENSE"])
            CollectionAssert.Contains(files, file);
        using var reader = new StreamReader(package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        string nuspec = reader.ReadToEnd();
        Assert.DoesNotContain("Cecil", nuspec);
        Assert.DoesNotContain("libtorch", nuspec);
        Assert.HasCount(1, Directory.GetFiles(s_feed.Value, "*.snupkg"));
    }

    [TestMethod]
    public void FreshProject_Trains_AndAnotherPredicts()
    {
        string zip = Path.Combine(TestClips.NewFolder(), "model.zip");
        string trainer = NewProject("libtorch-cpu-linux-x64");
        Run(trainer, 0, "run", "--project", trainer, "--", "train", TestClips.Folder, zip);
        string predictor = NewProject("libtorch-cpu-linux-x64");
        Assert.Contains("predicted ", Run(predictor, 0, "run", "--project", predictor, "--", "predict", TestClips.Clip("red", 1), zip));
    }

    [TestMethod]
    public void ProjectWithoutLibtorch_IsToldWhatToAdd()
    {
        string project = NewProject(native: null);
        string output = Run(project, null, "run", "--project", project, "--", "train", TestClips.Folder, Path.Combine(project, "model.zip"));
        Assert.Contains("TorchSharp-cpu", output);
    }

    private static string NewProject(string? native)
    {
        string folder = Path.Combine(TestClips.NewFolder(), "app");
        Directory.CreateDirectory(folder);
        string reference = native is null ? "" : $"<PackageReference Include=\"{native}\" Version=\"2.10.0\" />";
        File.WriteAllText(Path.Combine(folder, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{s_feed.Value}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Microsoft.ML.VideoMae" Version="{s_version}" />{reference}</ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
        return folder;
    }

    private static string Run(string folder, int? expected, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.IsTrue(expected is null ? process.ExitCode != 0 : process.ExitCode == expected, output);
        return output;
    }
}
