// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Tries features of videos with a linear classifier on them.</summary>
/// <param name="context">What all trials share.</param>
/// <param name="candidate">The candidate.</param>
internal sealed class FeatureTrial(ExperimentContext context, VideoExperimentCandidate candidate)
{
    private readonly float[]?[] _features = new float[]?[context.Rows.Count];
    private readonly bool[] _isKnown = new bool[context.Rows.Count];
    private bool _isComplete;

    /// <summary>Videos a second, decoding included; not a number before features were computed in this process.</summary>
    public double ClipsPerSecond { get; private set; } = double.NaN;

    /// <summary>The features of every row; null where a video cannot be read. They are computed once.</summary>
    /// <exception cref="InvalidOperationException">More videos cannot be read than may be left out.</exception>
    public IReadOnlyList<float[]?> Features(CancellationToken stop)
    {
        if (_isComplete)
            return _features;
        Learn([.. Enumerable.Range(0, context.Rows.Count)], stop);
        CheckReadable(_features.Count(r => r is null));
        _isComplete = true;
        return _features;
    }

    /// <summary>The features of some rows, and null for all others.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="stop">Ends it.</param>
    public IReadOnlyList<float[]?> Features(int[] rows, CancellationToken stop)
    {
        Learn(rows, stop);
        var some = new float[]?[context.Rows.Count];
        foreach (int row in rows)
            some[row] = _features[row];
        return some;
    }

    /// <summary>Computes the features of rows, or reads those that are kept.</summary>
    private void Learn(int[] rows, CancellationToken stop)
    {
        if (Array.TrueForAll(rows, i => _isKnown[i]))
            return;
        string column = ModelPart.FeaturesOf(candidate.Name);
        // Threads that read ahead for a cursor ask their host before each video whether to go on.
        IHost host = context.Host.Register(nameof(FeatureTrial));
        using CancellationTokenRegistration stopping = stop.Register(((ICancelable)host).CancelExecution);
        ITransformer featurizer = CreateFeaturizer(host, context.Settings.OnVideoError);
        using var disposal = featurizer as IDisposable;
        IDataView all = featurizer.Transform(context.Rows.View(Enumerable.Range(0, context.Rows.Count)));
        using var store = new FeatureStore(
            context.FileOf(candidate, candidate.Identity ?? context.ContentOf(featurizer), ".features"), context.Rows.Count,
            LengthOf(all.Schema[column]), half: false, TemporaryFiles.FolderOf(context.Host));
        using IDisposable? writing = store.LockForWriting(
            () => context.Channel.Info($"Another experiment computes the features of '{candidate.Name}': this one waits for it."), stop);
        int[] missing = [.. rows.Where(i => !_isKnown[i] && !store.Has(i))];
        if (missing.Length > 0)
        {
            SharedDecoding.Keep([.. missing.Select(context.Rows.VideoOf)], TemporaryFiles.FolderOf(context.Host),
                done => context.Report(candidate, VideoExperimentStage.Decoding, done, missing.Length), stop);
            Compute(featurizer.Transform(context.Rows.View(missing)), column, missing, rows.Length, store, stop);
        }

        foreach (int row in rows.Where(i => !_isKnown[i]))
            (_features[row], _isKnown[row]) = (RowOf(store, row), true);
    }

    /// <summary>Scores it by cross-validation.</summary>
    public CandidateOutcome Run(CancellationToken stop) => Run(Features(stop), stop);

    /// <summary>Scores it by cross-validation.</summary>
    /// <param name="features">The features of the rows to learn from; null for all others.</param>
    /// <param name="stop">Ends it.</param>
    public CandidateOutcome Run(IReadOnlyList<float[]?> features, CancellationToken stop)
    {
        context.Report(candidate, VideoExperimentStage.Linear, 0, 1);
        var linear = new LinearModel(context.Rows, features, context.Seed);
        (float l2, OutOfFold scores) = linear.Search(stop);
        context.Report(candidate, VideoExperimentStage.Linear, 1, 1);
        return new CandidateOutcome(
            [candidate.Name], candidate.Description, string.Create(CultureInfo.InvariantCulture, $"L2 = {l2}"), scores,
            _ => [Build(linear, l2, scores.Sharpness)])
        {
            ClipsPerSecond = ClipsPerSecond,
            IsQuick = true,
            SeesFramesAlone = candidate.SeesFramesAlone,
        };
    }

    private int LengthOf(DataViewSchema.Column features) => features.Type is VectorDataViewType { Size: > 0 } type ? type.Size
        : throw context.Host.ExceptSchemaMismatch(
            nameof(features), "features", features.Name, "a vector of known size", features.Type.ToString());

    /// <summary>Null for a video that could not be read: a featurizer gives numbers that are none.</summary>
    private static float[]? RowOf(FeatureStore store, int row)
    {
        var features = new float[store.RowLength];
        store.Read(row, features);
        return Array.TrueForAll(features, float.IsFinite) ? features : null;
    }

    private ModelPart Build(LinearModel linear, float l2, float sharpness)
    {
        string column = ModelPart.FeaturesOf(candidate.Name);
        // In use a video that cannot be read is an error, whatever was done about it in training.
        return ModelPart.Of(context.Host, candidate.Name, sharpness,
            [CreateFeaturizer(context.Host, VideoErrorPolicy.Throw), linear.Train(l2, column)], column);
    }

    private ITransformer CreateFeaturizer(IHost host, VideoErrorPolicy policy) =>
        candidate.Features!(new TransformsCatalog(host), ModelPart.FeaturesOf(candidate.Name), context.Rows.VideoColumn, policy)
            .Fit(context.Rows.View(Enumerable.Range(0, context.Rows.Count)));

    /// <summary>A cursor that reads in several threads wraps what goes wrong in one of them, and may tell it when it is disposed.</summary>
    private void Compute(IDataView described, string column, int[] rows, int wanted, FeatureStore store, CancellationToken stop)
    {
        try
        {
            Write(described, column, rows, wanted, store, stop);
        }
        catch (InvalidOperationException e) when (e.InnerException is VideoReadException or OperationCanceledException)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }

    private void Write(IDataView described, string column, int[] rows, int wanted, FeatureStore store, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        DataViewSchema.Column features = described.Schema[column];
        using DataViewRowCursor cursor = described.GetRowCursor([features]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(features);
        VBuffer<float> value = default;
        for (int done = 0; cursor.MoveNext(); done++)
        {
            stop.ThrowIfCancellationRequested();
            context.Host.CheckAlive();
            getter(ref value);
            store.Write(rows[done], [.. value.DenseValues()]);
            context.Report(candidate, VideoExperimentStage.Features, wanted - rows.Length + done + 1, wanted);
        }

        ClipsPerSecond = rows.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void CheckReadable(int unreadable)
    {
        double share = (double)unreadable / context.Rows.Count;
        if (share > context.Settings.MaxSkippedFraction)
        {
            throw context.Host.Except(string.Create(CultureInfo.InvariantCulture,
                $"{unreadable} of {context.Rows.Count} videos cannot be read, which is more than the share of " +
                $"{context.Settings.MaxSkippedFraction:0.##} that may be left out (MaxSkippedFraction). The warnings name them."));
        }

        if (unreadable > 0)
            context.Channel.Warning($"{unreadable} of {context.Rows.Count} videos are left out of '{candidate.Name}'.");
    }
}
