// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a run does at its start where several processes share it. Alone, everything stays as it is.</summary>
/// <param name="Group">The processes.</param>
/// <param name="Channel">The log.</param>
internal sealed record SharedRun(ProcessGroup Group, IChannel Channel)
{
    /// <summary>Joins the other processes, where options say so.</summary>
    /// <exception cref="InvalidOperationException">There are others, and no MPI library.</exception>
    public static SharedRun Join(VideoMaeDistribution distribution, IChannel channel)
    {
        var group = ProcessGroup.Of(distribution);
        if (group.IsAlone)
            return new SharedRun(group, channel);
        ShareProcessors(group);
        // With their numbers: MPICH's launcher says of a process that was killed which one it was, and not its rank.
        IReadOnlyList<byte[]> names = group.Gather(Encoding.UTF8.GetBytes($"{group.NameOf(group.Rank)} (process {Environment.ProcessId})"));
        if (group.IsFirst)
            channel.Info($"{group.Size} processes share this run: {string.Join(", ", names.Select(Encoding.UTF8.GetString))}.");
        return new SharedRun(group, new RankChannel(channel, group));
    }

    /// <summary>The options for this process: the first one alone calls back, keeps states and writes TensorBoard's files.</summary>
    public T OptionsFor<T>(T options)
        where T : VideoMaeTrainingOptions
    {
        if (Group.IsFirst)
            return options;
        var copy = (T)options.Copy();
        (copy.StepCallback, copy.ProgressCallback, copy.TensorBoardFolder, copy.WorkspacePath) = (null, null, null, null);
        if (copy is VideoMaeTrainerOptions trainer)
            trainer.MetricsCallback = null;
        if (copy is VideoMaePretrainingOptions pretraining)
            pretraining.MetricsCallback = null;
        return copy;
    }

    /// <summary>The device for this process: those on one machine take one GPU after the other.</summary>
    public torch.Device Select(IHost host, VideoMaeTrainingOptions options)
    {
        int? gpu = options.GpuDeviceId ?? ((IHostEnvironmentInternal)host).GpuDeviceId;
        if (gpu is int first && !Group.IsAlone)
        {
            TorchRuntime.EnsureLoaded();
            // A launcher may show every process a GPU of its own, which then is the only one.
            int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
            gpu = count == 0 ? first : (first + Group.LocalRank) % count;
        }

        return TorchDevice.Select(host, Channel, gpu, options.FallbackToCpu);
    }

    /// <summary>The random side of the run, the same in all processes.</summary>
    /// <param name="seed">The seed; null draws one.</param>
    public RandomStreams Streams(int? seed)
    {
        var own = new RandomStreams(seed);
        string first = Group.Broadcast(own.Seed.ToString(CultureInfo.InvariantCulture));
        return Group.IsAlone ? own : new RandomStreams(int.Parse(first, CultureInfo.InvariantCulture));
    }

    /// <summary>Makes sure that all processes do the same.</summary>
    /// <exception cref="InvalidOperationException">One of them has other settings or clips, or there are too few clips in a batch.</exception>
    public void Check(IExceptionContext context, TrainingRecipe recipe, IReadOnlyList<ClipExample> rows)
    {
        if (Group.IsAlone)
            return;
        string own = RunFingerprint.Compute([
            $"{recipe}", .. RunIdentity.Settings(recipe.Shared).Select(s => $"{s.Name}={s.Value}"), .. rows.Select(row => $"{row.Target}")]);
        IReadOnlyList<byte[]> all = Group.Gather(Encoding.UTF8.GetBytes(own));
        if (all.Index().Where(other => Encoding.UTF8.GetString(other.Item) != own).Select(other => (int?)other.Index).FirstOrDefault()
            is int rank)
        {
            throw context.Except($"{Group.NameOf(Group.Rank)} has other settings or clips than {Group.NameOf(rank)}: processes that share " +
                $"a run need the same. Set {nameof(VideoMaeTrainingOptions.Distribution)} to {nameof(VideoMaeDistribution.None)} where " +
                "each is to train by itself.");
        }

        if (recipe.Shared.BatchSize < Group.Size)
            throw context.Except($"{nameof(VideoMaeTrainingOptions.BatchSize)} is {recipe.Shared.BatchSize}, and {Group.Size} processes " +
                "share a batch: each needs a clip of it. Raise it, or start fewer processes.");
    }

    /// <summary>Lets the first process say what the others warned of; to be called by all.</summary>
    public void Deliver() => (Channel as RankChannel)?.Deliver();

    /// <summary>
    /// Threads of processes on one machine that may use the same processors: each takes its part, unless the user says how many.
    /// </summary>
    private static void ShareProcessors(ProcessGroup group)
    {
        TorchRuntime.EnsureLoaded();
        ProcessorsPerProcess = ProcessorsOf(
            [.. group.Gather(JsonSerializer.SerializeToUtf8Bytes($"{Environment.MachineName} {Affinity()}")).Select(Encoding.UTF8.GetString)],
            group.Rank, Environment.ProcessorCount);
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            torch.set_num_threads(Math.Min(torch.get_num_threads(), ProcessorsPerProcess));
    }

    /// <summary>The processors that this process may count on.</summary>
    public static int ProcessorsPerProcess { get; private set; } = Environment.ProcessorCount;

    /// <summary>A process shares its processors with those that may use the same ones.</summary>
    internal static int ProcessorsOf(IReadOnlyList<string> processors, int rank, int count) =>
        Math.Max(1, count / processors.Count(other => other == processors[rank]));

    /// <summary>The processors that the launcher bound this process to, in the system's words; empty where it does not say.</summary>
    private static string Affinity()
    {
        const string Status = "/proc/self/status", Allowed = "Cpus_allowed:";
        return RuntimeInformation.IsOSPlatform(OSPlatform.Linux)
            ? System.IO.File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Allowed, StringComparison.Ordinal)) ?? ""
            : "";
    }
}
