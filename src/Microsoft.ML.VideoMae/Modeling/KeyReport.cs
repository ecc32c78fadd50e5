// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>What became of every key when weights were loaded into a model.</summary>
public sealed class KeyReport
{
    internal KeyReport(
        IReadOnlyList<string> loaded, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> reinitialized,
        IReadOnlyList<string> notes)
    {
        Loaded = loaded;
        Missing = missing;
        Unexpected = unexpected;
        Reinitialized = reinitialized;
        Notes = notes;
    }

    /// <summary>The model's parameters that were loaded.</summary>
    public IReadOnlyList<string> Loaded { get; }

    /// <summary>The model's parameters the checkpoint has no value for.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>The checkpoint's keys the model has no place for.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>
    /// The model's parameters that hold initial weights: those missing, and those whose shape in the checkpoint was another.
    /// </summary>
    public IReadOnlyList<string> Reinitialized { get; }

    /// <summary>What a user should know about the conversion, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether every parameter was loaded and every key of the checkpoint was used.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && Reinitialized.Count == 0;

    /// <summary>One line a list, empty lists left out.</summary>
    public override string ToString()
    {
        IEnumerable<string> Line(string title, IReadOnlyList<string> keys) => keys.Count == 0 ? [] : [$"{title} ({keys.Count}): " +
            $"{string.Join(", ", keys)}."];
        return string.Join(
            Environment.NewLine,
            new[] { $"Loaded {Loaded.Count} parameters." }
                .Concat(Line("Missing", Missing))
                .Concat(Line("Unexpected", Unexpected))
                .Concat(Line("Re-initialised", Reinitialized))
                .Concat(Notes));
    }
}
