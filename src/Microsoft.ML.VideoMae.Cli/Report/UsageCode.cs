// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using VideoMaeCli.Generated;

namespace VideoMaeCli.Report;

/// <summary>The lines of C# that the report shows.</summary>
internal static class UsageCode
{
    public static string Write(string name) => $$"""
        // dotnet add package Microsoft.ML.VideoMae
        // dotnet add package TorchSharp-cpu --version 0.107.0
        // Add {{name}}.consumption.cs to the project, and copy {{name}}.zip to its output folder.
        using VideoModels;

        var input = new {{CodeNames.ClassOf(name)}}.ModelInput { VideoPath = "clip.mp4" };
        Console.WriteLine({{CodeNames.ClassOf(name)}}.Predict(input).PredictedLabel);
        foreach (var (label, probability) in {{CodeNames.ClassOf(name)}}.PredictAllLabels(input))
            Console.WriteLine($"{probability:0.000} {label}");
        """;
}
