// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using VideoMaeCli.Generated;
using VideoMaeCli.Report;

namespace VideoMaeCli.Training;

/// <summary>Writes what lies beside a trained model.</summary>
internal static class RunFiles
{
    /// <summary>Writes metrics, report, code and settings.</summary>
    /// <returns>The names of the files.</returns>
    public static string[] Write(TrainSettings settings, TrainResult result, ReportMaker report)
    {
        string folder = Path.GetDirectoryName(result.Zip)!, name = settings.Name;
        (string Name, string Text)[] files =
        [
            ("metrics.json", Metrics(result)),
            ("report.html", report.Make(settings, result)),
            ($"{name}.consumption.cs", ConsumptionCode.Write(name, settings.Task)),
            ($"{name}.training.cs", TrainingCode.Write(settings, result)),
            ($"{name}.evaluate.cs", EvaluationCode.Write(name, settings.Task)),
            ($"{name}.mbconfig", MbConfig.Write(settings, folder)),
        ];
        foreach ((string file, string text) in files)
            OutputFile.Write(Path.Combine(folder, file), path => File.WriteAllText(path, text));
        return [.. files.Select(f => f.Name)];
    }

    private static string Metrics(TrainResult result)
    {
        JsonObject metrics = result.Quality?.ToJson(result.MeasuredOn) ?? [];
        metrics["wasStopped"] = result.WasStopped;
        metrics["notes"] = JsonSerializer.SerializeToNode(result.Notes, Json.Options);
        metrics["trials"] = JsonSerializer.SerializeToNode(result.Trials, Json.Options);
        metrics["suspectLabels"] = JsonSerializer.SerializeToNode(result.Suspects, Json.Options);
        metrics["nearDuplicates"] = JsonSerializer.SerializeToNode(result.Twins, Json.Options);
        metrics["findings"] = JsonSerializer.SerializeToNode(result.Findings, Json.Options);
        metrics["epochs"] = JsonSerializer.SerializeToNode(result.Epochs, Json.Options);
        return metrics.ToJsonString(Json.Options);
    }
}
