// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Distributed;

namespace VideoMaeCli.Scoring;

/// <summary>The option that says which part of the videos a process works on.</summary>
internal sealed class ShardOption
{
    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Works on one part of the videos, such as 3/16, and writes it to --output for 'videomae merge'; auto takes the part " +
            "from a Slurm array or an indexed Kubernetes job."
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_shard);
        _shard.CompletionSources.Add("auto");
    }

    /// <summary>The part on the command line, or that of a process which mpirun started with others; else everything.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="output">Where the part is to go.</param>
    /// <param name="conflict">An option that needs all videos in one process; null for none.</param>
    /// <exception cref="ArgumentException">It is no part, or does not fit the other options.</exception>
    public Shard Read(ParseResult result, FileInfo? output, string? conflict = null)
    {
        ProcessGroup group = ProcessGroup.Current;
        string? text = result.GetValue(_shard);
        if (text is null && group.Size == 1)
            return Shard.Whole;
        if (conflict is not null)
            throw new ArgumentException($"{conflict} is for one process: leave it out, or --shard and mpirun.");
        if (text is null)
            return new Shard(group.Rank, group.Size, HasOwnFile: false);
        if (output is null)
            throw new ArgumentException("--shard writes a part of the result: give --output with a file for it.");
        return text == "auto" ? Shard.OfJob(Environment.GetEnvironmentVariable) : Shard.Parse(text);
    }
}

/// <summary>A part of the videos.</summary>
/// <param name="Number">Which part, from 0.</param>
/// <param name="Count">The number of parts.</param>
/// <param name="HasOwnFile">Whether it goes to a file; otherwise processes that were started together put parts together themselves.</param>
internal sealed record Shard(int Number, int Count, bool HasOwnFile)
{
    /// <summary>Everything.</summary>
    public static Shard Whole { get; } = new(0, 1, HasOwnFile: false);

    public bool IsWhole => Count == 1 && !HasOwnFile;

    /// <summary>Reads parts as people count them, from 1.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static Shard Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length == 2 && TryNumber(parts[0], out int number) && TryNumber(parts[1], out int count) && number >= 1 && number <= count)
            return new Shard(number - 1, count, HasOwnFile: true);
        throw new ArgumentException($"--shard is '{text}'; it has to be a part and their number, from 1/16 to 16/16 for instance, or auto.");
    }

    /// <summary>The part that a scheduler gave this process.</summary>
    /// <param name="variable">Gives an environment variable.</param>
    /// <exception cref="ArgumentException">There is no scheduler that says so.</exception>
    public static Shard OfJob(Func<string, string?> variable)
    {
        // Slurm: an array's indices may begin anywhere, but have to follow each other.
        if (TryNumber(variable("SLURM_ARRAY_TASK_ID"), out int task) && TryNumber(variable("SLURM_ARRAY_TASK_COUNT"), out int tasks))
        {
            TryNumber(variable("SLURM_ARRAY_TASK_MIN"), out int first);
            if (TryNumber(variable("SLURM_ARRAY_TASK_MAX"), out int last) && last - first + 1 != tasks)
                throw new ArgumentException($"--shard is auto, and the {tasks} indices of the Slurm array from {first} to {last} have gaps: " +
                    "use ones that follow each other.");
            return new Shard(task - first, tasks, HasOwnFile: true);
        }

        if (TryNumber(variable("JOB_COMPLETION_INDEX"), out int index))
        {
            // Kubernetes says which, and not how many.
            return TryNumber(variable("VIDEOMAE_SHARDS"), out int count) && index < count
                ? new Shard(index, count, HasOwnFile: true)
                : throw new ArgumentException($"--shard is auto, JOB_COMPLETION_INDEX is {index}, and VIDEOMAE_SHARDS is " +
                    $"'{variable("VIDEOMAE_SHARDS")}': set it to the job's number of completions.");
        }

        throw new ArgumentException("--shard is auto, and neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: give a part, such " +
            "as 3/16.");
    }

    /// <summary>The videos of this part: every so many, since neighbours in a list are often alike in length.</summary>
    public int[] Own(int videos) => [.. Enumerable.Range(0, videos).Where(i => i % Count == Number)];

    /// <summary>Writes the part, or puts all parts together and writes the whole in the first process.</summary>
    public int Finish(PartHeader header, IReadOnlyList<PartRow> rows, FileInfo? output)
    {
        if (HasOwnFile)
        {
            OutputFile.Write(output!.FullName, path => PartFile.Write(path, header with { Shard = Number + 1, Of = Count }, rows));
            Console.WriteLine($"Wrote part {Number + 1} of {Count}, {rows.Count} of {header.Videos} videos, to {output.FullName}.");
            return rows.All(row => row.IsRead) ? ExitCode.Done : ExitCode.SomethingWrong;
        }

        IReadOnlyList<byte[]> all = ProcessGroup.Current.Gather(JsonSerializer.SerializeToUtf8Bytes(rows));
        if (!ProcessGroup.Current.IsFirst)
            return ExitCode.Done;
        PartRow[] merged = [.. all.SelectMany(part => JsonSerializer.Deserialize<PartRow[]>(part)!).OrderBy(row => row.Index)];
        return WholeResult.Write(header, merged, output);
    }

    private static bool TryNumber(string? text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
