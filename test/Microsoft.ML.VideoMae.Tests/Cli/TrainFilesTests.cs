// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>What <c>videomae train</c> writes beside the model.</summary>
[TestClass]
public sealed class TrainFilesTests
{
    [TestMethod]
    public void Train_WritesEverythingBesideTheModel()
    {
        string folder = Path.GetDirectoryName(Tool.Classifier)!;
        foreach (string name in (string[])
                ["report.html", "metrics.json", "colours.consumption.cs", "colours.training.cs", "colours.evaluate.cs", "colours.mbconfig"])
            Assert.IsTrue(File.Exists(Path.Combine(folder, name)), name);
        Assert.IsNotEmpty(Directory.GetDirectories(Path.Combine(folder, "state")), "the state to go on from");
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "metrics.json")));
        Assert.AreEqual(2, metrics.RootElement.GetProperty("epochs").GetArrayLength());
        Assert.AreEqual("validation", metrics.RootElement.GetProperty("data").GetString());
    }

    [TestMethod]
    public void MbConfig_IsReadBack_AndGivesTheSameModel()
    {
        string first = Path.Combine(Tool.Folder, "first"),
            folder = Directory.CreateDirectory(Path.Combine(Tool.Folder, "again")).FullName,
            config = Path.Combine(folder, "colours.mbconfig");
        (int code, string output, string errors) = Tool.Run(
            "train", "--dataset", TestClips.Animations, "--validation-dataset", TestClips.Animations, "--epochs", "2", "--name", "colours",
            "--output", first, "--seed", "1");
        Assert.AreEqual(0, code, errors);
        File.Copy(Path.Combine(first, "colours.mbconfig"), config, overwrite: true);
        (code, output, errors) = Tool.Run("train", config);
        Assert.AreEqual(0, code, errors);
        Assert.Contains("Epoch 2/2", output);
        string[] predictions =
        [
            .. ((string[])[first, folder]).Select(f =>
                Tool.Run("predict", Path.Combine(f, "colours.zip"), TestClips.Animations + "/red").Output)];
        Assert.HasCount(1 + TestClips.ClipsPerClass, predictions[0].Trim().Split('\n'));
        Assert.AreEqual(predictions[0], predictions[1]);
        (_, output, _) = Tool.Run("train", config, "--epochs", "1", "--name", "short");
        Assert.Contains("Epoch 1/1", output, "what stands on the command line wins");
    }

    /// <summary>The file repeats how a run computed: with anything else it would be another run, and train anew.</summary>
    [TestMethod]
    public void ArithmeticAndAugmentation_AreUsed_AndKeptInEveryFile()
    {
        string folder = Path.Combine(Tool.Folder, "arithmetic");
        (int code, _, string errors) = Tool.Run(
            "train", "--dataset", TestClips.Animations, "--epochs", "1", "--name", "less", "--output", folder, "--precision", "Auto",
            "--activation-checkpointing", "--resizing", "Fill", "--rand-augment", "rand-m7-n2"
        ); // BFloat16 where it is fast, as here it may not be.
        Assert.AreEqual(0, code, errors);
        JsonElement settings = JsonDocument
            .Parse(Tool.Run("inspect", Path.Combine(folder, "less.zip"), "--json").Output)
            .RootElement.GetProperty("card")
            .GetProperty("settings");
        Assert.AreEqual("Fill", settings.GetProperty("Resizing").GetString());
        Assert.AreEqual("rand-m7-n2", settings.GetProperty("RandAugment").GetString());
        Assert.AreEqual("Auto", settings.GetProperty("Precision").GetString());
        Assert.AreEqual("True", settings.GetProperty("ActivationCheckpointing").GetString());
        string generated = File.ReadAllText(Path.Combine(folder, "less.training.cs"));
        Assert.Contains("Precision = ComputePrecision.Auto,", generated);
        Assert.Contains("ActivationCheckpointing = true,", generated);
        Assert.Contains("Resizing = FrameResizing.Fill,", generated);
        Assert.Contains("RandAugment = @\"rand-m7-n2\",", generated);
        (code, string output, errors) = Tool.Run("train", Path.Combine(folder, "less.mbconfig"));
        Assert.AreEqual(0, code, errors);
        Assert.DoesNotContain("Epoch", output, "its result is taken from the state");
    }

    [TestMethod]
    public void Train_KeepsAShareForValidation_AndARunThatEndedKeepsItsCurve()
    {
        string folder = Path.Combine(Tool.Folder, "share");
        string[] arguments = ["train", "--dataset", TestClips.Animations, "--epochs", "2", "--name", "share", "--output", folder];
        Assert.AreEqual(0, Tool.Run(arguments).Code);
        string first = File.ReadAllText(Path.Combine(folder, "metrics.json"));
        (int code, string output, string errors) = Tool.Run(arguments);
        Assert.AreEqual(0, code, errors);
        Assert.DoesNotContain("Epoch", output, "its result is taken from the state");
        Assert.AreEqual(first, File.ReadAllText(Path.Combine(folder, "metrics.json")));
        using JsonDocument metrics = JsonDocument.Parse(first);
        // A fifth of 6 videos of each class is 1.
        Assert.AreEqual(2, metrics.RootElement.GetProperty("videos").GetInt32());
    }

    [TestMethod]
    public void GeneratedCode_CompilesAsItIs_AndRuns()
    {
        string folder = Path.Combine(Tool.Folder, "app");
        Directory.CreateDirectory(folder);
        foreach (string part in (string[])["consumption.cs", "training.cs", "evaluate.cs", "zip"])
            File.Copy(Path.Combine(Path.GetDirectoryName(Tool.Classifier)!, $"colours.{part}"), Path.Combine(folder, $"colours.{part}"),
                overwrite: true);
        // The repository's versions of packages, as the samples have them; otherwise what 'dotnet new console' writes.
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"),
            $"<Project><PropertyGroup><DirectoryPackagesPropsPath>{Tool.Root}/Directory.Packages.props</DirectoryPackagesPropsPath></PropertyGroup></Project>"
        );
        File.WriteAllText(
            Path.Combine(folder, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Tool.Root}/src/Microsoft.ML.VideoMae/Microsoft.ML.VideoMae.csproj" />
                <None Include="colours.zip" CopyToOutputDirectory="PreserveNewest" />
              </ItemGroup>
              <Import Project="{Tool.Root}/build/TorchBackend.targets" />
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), """
            using VideoModels;

            var input = new Colours.ModelInput { VideoPath = args[0] };
            Console.WriteLine(Colours.Predict(input).PredictedLabel);
            foreach (var (label, probability) in Colours.PredictAllLabels(input))
                Console.WriteLine($"{probability:R} {label}");
            Colours.PrintMetrics(Colours.Evaluate(Colours.MLNetModelPath, args[1]));
            Colours.Train("again.zip", args[1]);
            Console.WriteLine(File.Exists("again.zip"));
            """);
        Packaging.DotNet.Run(folder, "build", "-c", Tool.Configuration, "-p:BuildProjectReferences=false", "-v", "quiet", "--nologo");
        string output = Packaging.DotNet.Run(
            folder, $"bin/{Tool.Configuration}/net10.0/app.dll", TestClips.Clip("blue", 1), TestClips.Animations);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string predicted = Tool.Run("predict", Tool.Classifier, TestClips.Clip("blue", 1)).Output.Split('\n')[1].Split(',')[1];
        Assert.AreEqual(predicted, lines[0]);
        double[] scores = [.. lines[1..3].Select(l => double.Parse(l.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.IsGreaterThanOrEqualTo(scores[1], scores[0], "sorted by score");
        Assert.AreEqual(1, scores.Sum(), 1e-5);
        Assert.StartsWith("Accuracy", lines[3]);
        Assert.AreEqual("True", lines[^1]);
    }
}
