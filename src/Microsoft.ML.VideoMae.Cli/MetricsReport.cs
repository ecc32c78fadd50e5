// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace VideoMaeCli;

/// <summary>Says how good a classifier is.</summary>
internal static class MetricsReport
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static void Print(MulticlassClassificationMetrics metrics)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  accuracy {metrics.MicroAccuracy:0.000}, mean of the classes {metrics.MacroAccuracy:0.000}, log-loss {metrics.LogLoss:0.000}"));
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    public static string ToJson(MulticlassClassificationMetrics metrics, string which) => JsonSerializer.Serialize(
        new
        {
            data = which,
            accuracy = metrics.MicroAccuracy,
            macroAccuracy = metrics.MacroAccuracy,
            logLoss = metrics.LogLoss,
            perClassPrecision = metrics.ConfusionMatrix.PerClassPrecision.Select(Finite),
            perClassRecall = metrics.ConfusionMatrix.PerClassRecall.Select(Finite),
            confusion = metrics.ConfusionMatrix.Counts,
        },
        s_indented);

    /// <summary>JSON has no NaN, which the precision of a class is that was never predicted.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
