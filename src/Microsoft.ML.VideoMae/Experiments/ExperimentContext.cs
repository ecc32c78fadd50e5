// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>What all trials of an experiment share.</summary>
/// <param name="Host">Makes components and errors.</param>
/// <param name="Channel">Gets what is worth a line.</param>
/// <param name="Settings">The settings, checked.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Seed">The seed.</param>
internal sealed record ExperimentContext(
    IHost Host, IChannel Channel, VideoExperimentSettings Settings, ExperimentRows Rows, int Seed)
{
    /// <summary>
    /// The folder of this experiment; null where nothing is kept. Other videos have another one. Features don't depend on labels or seed,
    /// and a trainer's runs have names of their own in it.
    /// </summary>
    public string? Folder { get; } = Settings.WorkspacePath is null ? null
        : Path.Combine(Path.GetFullPath(Settings.WorkspacePath),
            $"experiment-{RunFingerprint.Compute(Rows.Identity)}");

    /// <summary>What the decoding of a small video takes, in seconds. Candidates find its frames in memory, but the first one.</summary>
    public double DecodingSecondsPerVideo { get; set; }

    /// <summary>A file of this experiment; null where nothing is kept.</summary>
    /// <param name="candidate">The candidate that it belongs to.</param>
    /// <param name="identity">What else it depends on.</param>
    /// <param name="ending">The ending of its name.</param>
    public string? FileOf(VideoExperimentCandidate candidate, string identity, string ending) => Folder is null ? null
        : Path.Combine(Folder, $"{string.Concat(candidate.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))}-" +
            $"{RunFingerprint.Compute([candidate.Name, identity])}{ending}");

    /// <summary>Tells how far a candidate is.</summary>
    public void Report(VideoExperimentCandidate candidate, VideoExperimentStage stage, int done, int count) =>
        Settings.ProgressCallback?.Invoke(new VideoExperimentProgress(candidate, stage, done, count));

    /// <summary>Names a transformer by all that is saved of it.</summary>
    public string ContentOf(ITransformer transformer)
    {
        using var memory = new MemoryStream();
        transformer.SaveTo(Host, memory);
        memory.Position = 0;
        using var zip = new ZipArchive(memory, ZipArchiveMode.Read);
        return RunFingerprint.Compute(zip.Entries.OrderBy(e => e.FullName, StringComparer.Ordinal).SelectMany(entry =>
        {
            using Stream content = entry.Open();
            return (string[])[entry.FullName, Convert.ToHexString(SHA256.HashData(content))];
        }));
    }
}
