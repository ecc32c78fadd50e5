// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Writes and reads all that a run needs to go on: weights, optimizer, averages, the best epoch, and the position.</summary>
/// <param name="file">Where it is kept; null where another process of the run keeps it, or nobody does.</param>
/// <param name="groups">The trained weights.</param>
/// <param name="optimizer">The optimizer.</param>
/// <param name="average">The moving average of the weights; null without one.</param>
/// <param name="best">The best epoch; null where none is looked for.</param>
/// <param name="interval">The least time between two writings that <see cref="SaveIfDue"/> makes.</param>
/// <param name="group">The processes that share the run: the first one writes and reads, and the others get what it read.</param>
internal sealed class RunState(
    TrainingStateFile<RunPosition>? file, ParameterGroups groups, FusedAdamW optimizer, WeightCopy? average, BestEpoch? best,
    TimeSpan interval, ProcessGroup group)
{
    private const string Model = "model.";
    private const string Average = "average.";
    private const string Best = "best.";

    private readonly Stopwatch _sinceSaved = Stopwatch.StartNew();

    /// <summary>The file; null where this process has none.</summary>
    public string? Path => file?.Path;

    /// <summary>Takes the last state over; null where there is none.</summary>
    /// <exception cref="System.IO.InvalidDataException">The state is damaged.</exception>
    public RunPosition? TryRestore()
    {
        using TrainingStateFile<RunPosition>.Saved? saved = file?.TryLoad();
        RunPosition? position = JsonSerializer.Deserialize<RunPosition?>(group.Broadcast(JsonSerializer.Serialize(saved?.Position)));
        if (position is null)
            return null;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        // A process without a file has any tensor of the right shape to begin with, and gets the first one's afterwards.
        Dictionary<string, Tensor> present = groups.Named.ToDictionary(p => p.Name, p => (Tensor)p.Parameter, StringComparer.Ordinal);
        Tensor Read(string prefix, string name) => saved is null ? present[name] : saved[prefix + name];

        foreach ((string name, TorchSharp.Modules.Parameter parameter) in groups.Named)
            parameter.copy_(Read(Model, name));
        optimizer.Restore(position.Step, name => saved is null ? present[FusedAdamW.ParameterOf(name)] : saved[name]);
        average?.Restore(name => Read(Average, name));
        if (position.Best is not null)
            best?.Restore(position.BestEpoch, position.Best, name => Read(Best, name));
        TensorBroadcast.Run(group, Tensors().Select(t => t.Tensor));
        return position;
    }

    /// <summary>Writes the state if the last time is long enough ago.</summary>
    public void SaveIfDue(RunPosition position)
    {
        if (file is not null && _sinceSaved.Elapsed >= interval)
            Save(position);
    }

    /// <summary>Writes the state.</summary>
    public void Save(RunPosition position)
    {
        file?.Save(position, Tensors());
        _sinceSaved.Restart();
    }

    private IEnumerable<(string Name, Tensor Tensor)> Tensors() =>
        groups.Named.Select(p => (Model + p.Name, (Tensor)p.Parameter))
            .Concat(optimizer.State)
            .Concat(Prefixed(Average, average))
            .Concat(Prefixed(Best, best?.Weights));

    private static IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, WeightCopy? copy) =>
        copy?.Tensors.Select(t => (prefix + t.Name, t.Tensor)) ?? [];
}
