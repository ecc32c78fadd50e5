// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Where a run stands, between two optimizer steps.</summary>
internal sealed record RunPosition
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>How many clips of the epoch's order are done.</summary>
    public required int Done { get; init; }

    /// <summary>The optimizer steps done in the whole run.</summary>
    public required int Step { get; init; }

    /// <summary>The sums of the epoch so far.</summary>
    public required EpochSums Sums { get; init; }

    /// <summary>The clips that were left out of the epoch's order.</summary>
    public required SkippedClip[] Skipped { get; init; }

    /// <summary>The best validation so far.</summary>
    public ValidationResult? Best { get; init; }

    /// <summary>The epoch of <see cref="Best"/>.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The time that training took so far, in seconds.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>What the last complete epoch measured, for the model card; null before there is one.</summary>
    public Dictionary<string, double>? Metrics { get; init; }

    /// <summary>What the validation of <see cref="Metrics"/> took for what, for the model card; null where it is not known.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Confusion { get; init; }

    /// <summary>Whether blocks multiply by oneDNN; states without a word of it are of runs that multiplied by libtorch.</summary>
    public bool UsesOneDnn { get; init; }

    /// <summary>Whether the run came to its end.</summary>
    public bool IsFinished { get; init; }
}
