// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Runs the frozen encoder over every clip once and keeps what it gives, as ImageClassificationTrainer does with its bottleneck values.
/// </summary>
/// <param name="channel">Gets a line about it.</param>
/// <param name="data">The clips.</param>
/// <param name="model">The model.</param>
/// <param name="recipe">The recipe of the run.</param>
/// <param name="pooled">Whether one pooled vector is kept, [D], or all tokens, [N, D].</param>
internal sealed class FeatureExtraction(
    IChannel channel, TrainingData data, ClassificationModel model, FineTuningRecipe recipe, bool pooled)
{
    private readonly int _width = pooled ? model.Network.FeatureLength : model.Config.HiddenSize;

    /// <summary>The values of a view.</summary>
    private int RowLength => pooled ? _width : model.Config.NumPatches * _width;

    /// <summary>Computes what is not there yet.</summary>
    /// <param name="folder">Where features are kept for later runs too; null for temporary files.</param>
    public FeatureInput Run(string? folder)
    {
        FeatureStore training = Open(folder, data.Training, recipe.Options.FeatureViews);
        FeatureStore? validation = null;
        try
        {
            Extract(training, data.Training, data.Skipped, recipe.Options.FeatureViews);
            if (data.HasValidation)
            {
                validation = Open(folder, data.Validation, 1);
                Extract(validation, data.Validation, data.SkippedValidation, 1);
            }

            return new FeatureInput(data, model, recipe, training, validation, pooled ? Scaling(training) : null);
        }
        catch
        {
            training.Dispose();
            validation?.Dispose();
            throw;
        }
    }

    private FeatureStore Open(string? folder, IReadOnlyList<ClipExample> examples, int views)
    {
        string? path = folder is null
            ? null
            : Path.Combine(folder, $"features-{RunIdentity.OfFeatures(model, recipe, examples, pooled)}.bin");
        return new FeatureStore(
            path, examples.Count * views, RowLength, half: !pooled, model.TempFilePath);
    }

    private void Extract(FeatureStore store, IReadOnlyList<ClipExample> examples, SkippedClips skipped, int views)
    {
        using IDisposable? alone = store.LockForWriting(
            () => channel.Info("Another run computes the features of the same clips: waiting for it."), recipe.CancellationToken);
        int[] rows = [.. Enumerable.Range(0, store.Rows).Where(row => !store.Has(row))];
        if (!recipe.Group.IsAlone)
            rows = TakeOver(store, rows);
        if (rows.Length == 0)
        {
            channel.Info($"The features of {examples.Count} clips are there from an earlier run.");
            return;
        }

        channel.Info($"Computing the features of {examples.Count} clips, {rows.Length} of {store.Rows} views; later epochs only read " +
            "them.");
        var clock = Stopwatch.StartNew();
        model.Network.eval();
        int[] own = SharedRows.Own(recipe.Group, rows);
        using var reader = new ViewReader(examples, views, own, skipped, model, recipe);
        foreach ((int done, (int Index, float[] Values)[] some) in Shared(reader.Read(), own.Length))
        {
            foreach ((int row, float[] features) in some)
                store.Write(row, features);
            recipe.Options.ProgressCallback?.Invoke(new VideoMaeProgress(VideoMaeStage.Features, done, own.Length));
        }

        skipped.Share(recipe.Group);
        skipped.Report(channel);
        channel.Info(
            FormattableString.Invariant(
                $"Computed in {clock.Elapsed.TotalSeconds:0.0} s, {rows.Length / clock.Elapsed.TotalSeconds:0.0} views/s."));
    }

    /// <summary>The features that this process computes, and those of the others as they come.</summary>
    private IEnumerable<(int Done, (int Index, float[] Values)[] Rows)> Shared(IEnumerable<ClipBatch> batches, int count)
    {
        using IEnumerator<ClipBatch> own = batches.GetEnumerator();
        int done = 0;
        while (true)
        {
            recipe.CancellationToken.ThrowIfCancellationRequested();
            bool hasMore = own.MoveNext();
            // How many processes go on, and how many were told to stop.
            double[] numbers = [hasMore ? 1 : 0, recipe.Options.CancellationToken.IsCancellationRequested ? 1 : 0];
            recipe.Group.Sum(numbers);
            if (numbers[1] > 0)
                throw new OperationCanceledException();
            if (numbers[0] == 0)
                yield break;
            (int, float[])[] rows = hasMore ? [.. own.Current.Indices.Zip(Encode(own.Current).Chunk(RowLength))] : [];
            done = hasMore ? own.Current.End : count;
            yield return (done, [.. SharedRows.Gather(recipe.Group, rows)]);
        }
    }

    /// <summary>Takes over what the first process has from an earlier run; gives the rows that it has not.</summary>
    private int[] TakeOver(FeatureStore store, int[] missing)
    {
        ProcessGroup group = recipe.Group;
        missing = JsonSerializer.Deserialize<int[]>(group.Broadcast(JsonSerializer.Serialize(missing)))!;
        var features = new float[store.RowLength];
        foreach (int row in Enumerable.Range(0, store.Rows).Except(missing))
        {
            if (group.IsFirst)
                store.Read(row, features);
            group.Broadcast(MemoryMarshal.AsBytes(features.AsSpan()));
            if (!group.IsFirst)
                store.Write(row, features);
        }

        return missing;
    }

    private float[] Encode(ClipBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor pixelValues = model.ToTensor(batch.PixelValues, batch.Count); // [B, T, C, H, W]
        Tensor features = pooled ? model.Network.Features(pixelValues) : model.Network.Tokens(pixelValues);
        return features.cpu().data<float>().ToArray();
    }

    private FeatureScaling Scaling(FeatureStore store) =>
        FeatureScaling.Measure(data.Skipped.Remaining()
                .SelectMany(clip => Enumerable.Range(clip * recipe.Options.FeatureViews, recipe.Options.FeatureViews))
                .Select(row =>
                {
                    var features = new float[store.RowLength];
                    store.Read(row, features);
                    return features;
                }),
            _width, model.Device);
}
