// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VideoMaeCli.Scoring;

/// <summary>Writes predictions as CSV or lines of JSON, each at once.</summary>
internal sealed class PredictionWriter
{
    private static readonly JsonSerializerOptions s_line =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextWriter _writer;
    private readonly VideoTask _task;
    private readonly string[] _classes;
    private readonly bool _json;

    public PredictionWriter(TextWriter writer, VideoTask task, string[] classes, bool json)
    {
        _writer = writer;
        _task = task;
        _classes = classes;
        _json = json;
        if (!json)
            writer.WriteLine(task == VideoTask.Regression ? "path,score" : "path,class,probability");
    }

    /// <param name="path">The video.</param>
    /// <param name="scores">A probability for each class, or a number; null where the video cannot be read.</param>
    /// <param name="error">Why it cannot.</param>
    public void Write(string path, float[]? scores, string? error)
    {
        if (_task == VideoTask.Regression)
            WriteNumber(path, scores?[0], error);
        else
            WriteClasses(path, scores, error);
        _writer.Flush();
    }

    private void WriteNumber(string path, float? score, string? error) => _writer.WriteLine(_json
        ? JsonSerializer.Serialize(new { path, score, error }, s_line)
        : string.Create(CultureInfo.InvariantCulture, $"{Csv.Quote(path)},{score}"));

    private void WriteClasses(string path, float[]? scores, string? error)
    {
        int best = scores is null ? -1 : scores.AsSpan().IndexOf(scores.Max());
        string? predictedLabel = best < 0 ? null : _classes[best];
        if (_json)
        {
            Dictionary<string, float> named = scores is null
                ? []
                : _classes.Zip(scores).OrderByDescending(p => p.Second).ToDictionary(p => p.First, p => p.Second);
            _writer.WriteLine(JsonSerializer.Serialize(new { path, predictedLabel, scores = named, error }, s_line));
        }
        else
        {
            string probability = scores?[best].ToString("0.000000", CultureInfo.InvariantCulture) ?? "";
            _writer.WriteLine($"{Csv.Quote(path)},{Csv.Quote(predictedLabel ?? "")},{probability}");
        }
    }
}
