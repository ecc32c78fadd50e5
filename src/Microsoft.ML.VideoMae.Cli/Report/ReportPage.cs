// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoMaeCli.Generated;

namespace VideoMaeCli.Report;

/// <summary>Puts the parts of the page into one file.</summary>
internal static class ReportPage
{
    /// <summary>The default encoder escapes what could end a script.</summary>
    private static readonly JsonSerializerOptions s_compact = new(Json.Options)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.Default
    };

    public static string Render(ReportData data) => Part("report.html")
        .Replace("{{title}}", HtmlEncoder.Default.Encode(data.Name), StringComparison.Ordinal)
        .Replace("{{style}}", $"{Part("uPlot.min.css")}\n{Part("report.css")}", StringComparison.Ordinal)
        .Replace("{{licence}}", Part("uPlot.LICENSE.txt"), StringComparison.Ordinal)
        .Replace("{{chart}}", Part("uPlot.iife.min.js"), StringComparison.Ordinal)
        .Replace("{{script}}", Part("report.js"), StringComparison.Ordinal)
        .Replace("{{data}}", JsonSerializer.Serialize(data, s_compact), StringComparison.Ordinal);

    /// <summary>A part of the page.</summary>
    internal static string Part(string name)
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream($"Report/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>The lines of C# that the report shows.</summary>
internal static class UsageCode
{
    /// <param name="name">The name of the model.</param>
    /// <param name="task">What it was trained for.</param>
    public static string Write(string name, VideoTask task) => $$"""
        // dotnet add package Microsoft.ML.VideoMae
        // dotnet add package TorchSharp-cpu --version 0.107.0
        // Add {{name}}.consumption.cs to the project, and copy {{name}}.zip to its output folder.
        using VideoModels;

        var input = new {{CodeNames.ClassOf(name)}}.ModelInput { VideoPath = "clip.mp4" };
        {{Call(CodeNames.ClassOf(name), task)}}
        """;

    private static string Call(string type, VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => $$"""
            var answer = {{type}}.Predict(input);
            Console.WriteLine($"{answer.PredictedLabel}, {answer.Probability:0.000}");
            """,
        VideoTask.Regression => $"Console.WriteLine({type}.Predict(input).Score);",
        _ => $$"""
            Console.WriteLine({{type}}.Predict(input).PredictedLabel);
            foreach (var (label, probability) in {{type}}.PredictAllLabels(input))
                Console.WriteLine($"{probability:0.000} {label}");
            """,
    };
}
