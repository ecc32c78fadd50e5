// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Scoring;

/// <summary>How good a model is on labelled videos.</summary>
internal abstract class ModelQuality
{
    /// <summary>The number of videos that were measured.</summary>
    public abstract int Count { get; }

    /// <summary>How long scoring took, decoding included.</summary>
    public abstract TimeSpan Elapsed { get; }

    public abstract IReadOnlyList<VideoReadException> Unreadable { get; }

    /// <summary>Videos whose label the model cannot be measured by.</summary>
    public abstract IReadOnlyList<UnknownLabel> Unknown { get; }

    /// <summary>What the model knows, for someone whose labels are unknown to it.</summary>
    public abstract string Known { get; }

    /// <summary>Writes it to the console.</summary>
    public abstract void Print();

    /// <summary>All of it.</summary>
    /// <param name="which">What it was measured on.</param>
    public abstract JsonObject ToJson(string which);

    /// <summary>Measures what was scored, in one process or in several.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="task">What the model was trained for.</param>
    /// <param name="classes">The names of its classes; none for numbers.</param>
    /// <param name="rows">The videos, with labels that the model knows.</param>
    /// <param name="unknown">The labels of the others.</param>
    /// <param name="elapsed">How long scoring took.</param>
    /// <exception cref="InvalidDataException">No video could be read.</exception>
    public static ModelQuality Of(MLContext ml, VideoTask task, string[] classes, IReadOnlyList<PartRow> rows,
        IReadOnlyList<UnknownLabel> unknown, TimeSpan elapsed) => task == VideoTask.Regression
            ? NumberQuality.Measure(ml, rows, unknown, elapsed)
            : ClassifierQuality.Measure(ml, task, ScoredVideos.Of(classes, rows, unknown, elapsed));
}
