// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>A console project outside of this repository, with nothing but packages.</summary>
internal static class FreshProject
{
    /// <summary>The native libtorch of this platform.</summary>
    public const string LibTorch = "libtorch-cpu-linux-x64";

    private const string Program = """
        using System;
        using Microsoft.ML;
        using Microsoft.ML.VideoMae;

        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (e.RawMessage.Contains("Microsoft.ML.VideoMae.Weights"))
                Console.WriteLine(e.RawMessage);
        };
        #if IMAGE_FEATURES
        if (args[0] == "train-images")
        {
            IDataView videos = ml.Data.LoadVideosFromDirectory(args[1]);
            var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
                .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
                .Append(ml.Transforms.FeaturizeVideoImages("Features", "Video", numberOfFrames: 2))
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
            ml.Model.Save(pipeline.Fit(videos), videos.Schema, args[2]);
            Console.WriteLine("trained");
            return;
        }
        #endif
        if (args[0] == "train")
        {
            IDataView videos = ml.Data.LoadVideosFromDirectory(args[1]);
            var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
                .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
                .Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options { NumberOfEpochs = 2 }))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
            ml.Model.Save(pipeline.Fit(videos), videos.Schema, args[2]);
            Console.WriteLine("trained");
            return;
        }

        var model = ml.Model.Load(args[2], out var schema);
        using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(model, schema);
        Console.WriteLine($"predicted {engine.Predict(new Row { VideoPath = args[1] }).PredictedLabel}");

        public class Row { public string VideoPath { get; set; } = ""; public string Label { get; set; } = ""; }

        public class Prediction { public string PredictedLabel { get; set; } = ""; }
        """;

    /// <summary>A program that is a single file, 'app.cs', in a folder of its own.</summary>
    public static string CreateFile()
    {
        string folder = Path.Combine(PackageFeed.NewFolder(), "file");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "app.cs"), $$"""
            #:package Microsoft.ML.VideoMae@{{PackageFeed.Version}}
            #:property NuGetAudit=false
            #:property RestoreAdditionalProjectSources={{PackageFeed.Folder}}
            using Microsoft.ML;
            using Microsoft.ML.Data;

            var ml = new MLContext(seed: 1);
            Console.WriteLine($"{ml.Data.LoadVideosFromDirectory(args[0]).GetColumn<string>("VideoPath").Count()} videos");
            """);
        return folder;
    }

    /// <summary>Makes one.</summary>
    /// <param name="native">The package of the native libtorch; null for none.</param>
    /// <param name="properties">More MSBuild properties.</param>
    /// <param name="weights">Whether it has the package of weights.</param>
    /// <param name="imageFeatures">Whether it has the package of image features.</param>
    public static string Create(string? native = LibTorch, string properties = "", bool weights = false, bool imageFeatures = false)
    {
        string images = imageFeatures
            ? $"<PackageReference Include=\"Microsoft.ML.VideoMae.ImageFeatures\" Version=\"{PackageFeed.Version}\" />" : "";
        if (imageFeatures)
            properties += "<DefineConstants>$(DefineConstants);IMAGE_FEATURES</DefineConstants>";
        string start = weights ? $"<PackageReference Include=\"Microsoft.ML.VideoMae.Weights\" Version=\"{PackageFeed.Version}\" />" : "";
        string folder = Path.Combine(PackageFeed.NewFolder(), "app");
        Directory.CreateDirectory(folder);
        string libtorch = native is null ? "" : $"<PackageReference Include=\"{native}\" Version=\"2.10.0\" />";
        File.WriteAllText(Path.Combine(folder, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{PackageFeed.Folder}</RestoreAdditionalProjectSources>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.ML" Version="5.0.1" />
                <PackageReference Include="Microsoft.ML.VideoMae" Version="{PackageFeed.Version}" />
                {start}
                {images}
                {libtorch}
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
        return folder;
    }
}
