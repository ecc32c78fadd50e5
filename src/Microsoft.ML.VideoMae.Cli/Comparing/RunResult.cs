// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace VideoMaeCli.Comparing;

/// <summary>What a run said of one video that it was measured on.</summary>
/// <param name="Path">The video.</param>
/// <param name="Label">Its class.</param>
/// <param name="PredictedLabel">The class that the model gave it.</param>
/// <param name="Probability">How sure the model was of that.</param>
/// <param name="LabelProbability">The probability that it gave the video's class.</param>
internal sealed record ClipResult(string Path, string Label, string PredictedLabel, double Probability, double LabelProbability)
{
    public bool IsRight => Label == PredictedLabel;

    /// <summary>A probability of 0 is one that rounding took.</summary>
    public double LogLoss => -Math.Log(Math.Max(1e-6, LabelProbability));
}

/// <summary>What a run was measured to be: metrics.json of 'train', or what 'evaluate --json' printed.</summary>
/// <param name="Name">What it is called: the name of its folder or file.</param>
/// <param name="Data">What it was measured on.</param>
/// <param name="Clips">Every video that it was measured on, by its full path.</param>
internal sealed record RunResult(string Name, string Data, IReadOnlyDictionary<string, ClipResult> Clips)
{
    private sealed class File
    {
        public string Data { get; set; } = "";

        public string? Task { get; set; }
    }

    private sealed class FileOfClasses
    {
        public ClipResult[]? Clips { get; set; }
    }

    /// <summary>Reads a run.</summary>
    /// <param name="path">The folder of the run, or a file of JSON.</param>
    /// <exception cref="FileNotFoundException">There is no such run.</exception>
    /// <exception cref="InvalidDataException">The file does not say what became of single videos.</exception>
    public static RunResult Read(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "metrics.json") : path;
        if (!System.IO.File.Exists(file))
        {
            throw new FileNotFoundException(Directory.Exists(path)
                ? $"'{path}' has no metrics.json. Give the folder that 'videomae train' wrote, or what 'videomae evaluate --json' printed."
                : $"There is no run '{path}'. Give the folder that 'videomae train' wrote, or what 'videomae evaluate --json' printed.");
        }

        string text = System.IO.File.ReadAllText(file);
        File? content = Json.TryRead<File>(text);
        if (content?.Task == VideoTasks.NameOf(VideoTask.Regression))
            throw new InvalidDataException($"'{file}' is of a model of numbers; runs of classes, or of yes or no, can be compared.");
        if (content is null || Json.TryRead<FileOfClasses>(text)?.Clips is not { Length: > 0 } clips)
        {
            throw new InvalidDataException($"'{file}' does not say what became of single videos: it was written by an earlier version, or " +
                "nothing was measured. 'videomae evaluate MODEL --dataset DIR --json' says it.");
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return new RunResult(name, content.Data, clips.GroupBy(c => Path.GetFullPath(c.Path)).ToDictionary(g => g.Key, g => g.First()));
    }
}
