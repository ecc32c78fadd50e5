// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Computes features of videos, each once. Two candidates of one frozen encoder have one source: a video goes through the encoder once for
/// both.
/// </summary>
/// <param name="context">What all trials share.</param>
/// <param name="candidates">The candidates.</param>
internal sealed class FeatureSource(ExperimentContext context, IReadOnlyList<VideoExperimentCandidate> candidates)
{
    private readonly Dictionary<VideoExperimentCandidate, float[]?[]> _features =
        candidates.ToDictionary(c => c, _ => new float[]?[context.Rows.Count]);
    private readonly bool[] _isKnown = new bool[context.Rows.Count];

    /// <summary>
    /// Videos a second, decoding of small ones not included; not a number before features were computed in this process.
    /// </summary>
    public double ClipsPerSecond { get; private set; } = double.NaN;

    /// <summary>The features of some rows, and null for all others and where a video cannot be read.</summary>
    /// <param name="candidate">One of the candidates.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="stop">Ends it.</param>
    public float[]?[] Of(VideoExperimentCandidate candidate, int[] rows, CancellationToken stop)
    {
        if (!Array.TrueForAll(rows, i => _isKnown[i]))
            Learn(candidate, rows, stop);
        var some = new float[]?[context.Rows.Count];
        foreach (int row in rows)
            some[row] = _features[candidate][row];
        return some;
    }

    /// <summary>The featurizer of a candidate alone.</summary>
    public static ITransformer CreateFeaturizer(
        ExperimentContext context, IHost host, VideoExperimentCandidate candidate, VideoErrorPolicy policy) =>
        candidate.Features!(new TransformsCatalog(host), ModelPart.FeaturesOf(candidate.Name), context.Rows.VideoColumn, policy)
            .Fit(context.Rows.View(Enumerable.Range(0, context.Rows.Count)));

    /// <summary>Computes the features of rows, or reads those that are kept.</summary>
    private void Learn(VideoExperimentCandidate candidate, int[] rows, CancellationToken stop)
    {
        // Threads that read ahead for a cursor ask their host before each video whether to go on.
        IHost host = context.Host.Register(nameof(FeatureSource));
        using CancellationTokenRegistration stopping = stop.Register(((ICancelable)host).CancelExecution);
        using TransformerChain<ITransformer> featurizer = ModelPart.Shared(host,
            [.. candidates.Select(c => CreateFeaturizer(context, host, c, context.Settings.OnVideoError))]);
        DataViewSchema schema = featurizer.Transform(context.Rows.View(Enumerable.Range(0, context.Rows.Count))).Schema;
        int[] lengths = [.. candidates.Select(c => LengthOf(schema[ModelPart.FeaturesOf(c.Name)]))];
        string identity = string.Join(' ', candidates.Select(c => c.Identity ?? context.ContentOf(featurizer)));
        using var store = new FeatureStore(
            context.FileOf(candidates[0], identity, ".features"), context.Rows.Count, lengths.Sum(), half: false,
            TemporaryFiles.FolderOf(context.Host));
        using IDisposable? writing = store.LockForWriting(
            () => context.Channel.Info($"Another experiment computes the features of '{candidate.Name}': this one waits for it."), stop);
        int[] missing = [.. rows.Where(i => !_isKnown[i] && !store.Has(i))];
        if (missing.Length > 0)
        {
            context.DecodingSecondsPerVideo = Math.Max(context.DecodingSecondsPerVideo, SharedDecoding.Keep(
                [.. missing.Select(context.Rows.VideoOf)], TemporaryFiles.FolderOf(context.Host),
                done => context.Report(candidate, VideoExperimentStage.Decoding, done, missing.Length), stop));
            Compute(featurizer.Transform(context.Rows.View(missing)), missing, store, stop,
                done => context.Report(candidate, VideoExperimentStage.Features, rows.Length - missing.Length + done, rows.Length));
        }

        foreach (int row in rows.Where(i => !_isKnown[i]))
            Take(row, store, lengths);
    }

    private int LengthOf(DataViewSchema.Column features) => features.Type is VectorDataViewType { Size: > 0 } type ? type.Size
        : throw context.Host.ExceptSchemaMismatch(
            nameof(features), "features", features.Name, "a vector of known size", features.Type.ToString());

    /// <summary>Null for a video that could not be read: a featurizer gives numbers that are none.</summary>
    private void Take(int row, FeatureStore store, int[] lengths)
    {
        var all = new float[store.RowLength];
        store.Read(row, all);
        int start = 0;
        foreach ((VideoExperimentCandidate candidate, int length) in candidates.Zip(lengths))
        {
            float[] features = all[start..(start += length)];
            _features[candidate][row] = Array.TrueForAll(features, float.IsFinite) ? features : null;
        }

        _isKnown[row] = true;
    }

    /// <summary>A cursor that reads in several threads wraps what goes wrong in one of them, and may tell it when it is disposed.</summary>
    private void Compute(IDataView described, int[] rows, FeatureStore store, CancellationToken stop, Action<int> report)
    {
        try
        {
            Write(described, rows, store, stop, report);
        }
        catch (InvalidOperationException e) when (e.InnerException is VideoReadException or OperationCanceledException)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }

    private void Write(IDataView described, int[] rows, FeatureStore store, CancellationToken stop, Action<int> report)
    {
        long start = Stopwatch.GetTimestamp();
        DataViewSchema.Column[] columns = [.. candidates.Select(c => described.Schema[ModelPart.FeaturesOf(c.Name)])];
        using DataViewRowCursor cursor = described.GetRowCursor(columns);
        ValueGetter<VBuffer<float>>[] getters = [.. columns.Select(c => cursor.GetGetter<VBuffer<float>>(c))];
        VBuffer<float> value = default;
        var all = new List<float>();
        for (int done = 0; cursor.MoveNext(); done++)
        {
            stop.ThrowIfCancellationRequested();
            context.Host.CheckAlive();
            all.Clear();
            foreach (ValueGetter<VBuffer<float>> getter in getters)
            {
                getter(ref value);
                all.AddRange(value.DenseValues());
            }

            store.Write(rows[done], [.. all]);
            report(done + 1);
        }

        ClipsPerSecond = rows.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
