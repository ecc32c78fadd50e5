// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Fills batches on background threads while the model works on the one before. The batches come in the given order whatever
/// the number of workers, and an error arrives with the batch it belongs to. Workers go on with the next batch while others finish this
/// one.
/// </summary>
internal sealed class BatchLoader : IDisposable
{
    /// <summary>Writes one clip's normalised pixels.</summary>
    /// <param name="index">The clip.</param>
    /// <param name="position">Its place in the order.</param>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public delegate void ClipFiller(int index, int position, Span<float> pixelValues, CancellationToken cancellationToken);

    /// <summary>Says which frames a clip will be made of.</summary>
    /// <param name="index">The clip.</param>
    /// <param name="position">Its place in the order.</param>
    /// <returns>The read; null if there is none to make.</returns>
    public delegate PlannedRead? ReadPlanner(int index, int position);

    /// <summary>Writes the normalised pixels of one clip, whose frames may have been read ahead.</summary>
    /// <param name="index">The clip.</param>
    /// <param name="position">Its place in the order.</param>
    /// <param name="ahead">Where its frames may be.</param>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public delegate void FrameFiller(
        int index, int position, ReadAhead ahead, Span<float> pixelValues, CancellationToken cancellationToken);

    private const int BatchesAhead = 2;

    private readonly IReadOnlyList<int> _order;
    private readonly int[][] _batches; // the places of each that are read here
    private readonly ClipFiller _fill;
    private readonly int _batchSize;
    private readonly int _capacity;
    private readonly bool _isShared;
    private readonly int _clipLength;
    private readonly Func<int, VideoReadException, bool> _trySkip;
    private readonly ConcurrentBag<float[]> _buffers = [];
    private readonly VideoPrefetcher<Place, bool> _places;
    private readonly ReadsAhead? _ahead;

    /// <summary>Fills batches with clips whose frames are read ahead: small files share runs of ffmpeg.</summary>
    /// <param name="order">The indices of the clips in the order they are wanted.</param>
    /// <param name="batchSize">Clips per batch; the last batch may be smaller.</param>
    /// <param name="clipLength">T * C * H * W.</param>
    /// <param name="reads">How and what is read.</param>
    /// <param name="fill">Makes one clip; called from several threads at once.</param>
    /// <param name="trySkip">Takes note of a clip that cannot be read; false lets the error through.</param>
    /// <param name="workers">The number of threads, and of runs of ffmpeg.</param>
    /// <param name="cancellationToken">Ends the loading, and the waiting for it.</param>
    /// <param name="split">What is read here where several processes share batches; null for everything.</param>
    public static BatchLoader WithReadsAhead(IReadOnlyList<int> order, int batchSize, int clipLength,
        (VideoReader Reader, VideoReadOptions Options, ReadPlanner Plan) reads, FrameFiller fill,
        Func<int, VideoReadException, bool> trySkip, int workers, CancellationToken cancellationToken, BatchSplit? split = null)
    {
        int[] places = [.. (split ?? BatchSplit.None).Places(order.Count, batchSize).SelectMany(batch => batch)];
        var ahead = new ReadsAhead(
            reads.Reader, reads.Options, () => places.Length, i => reads.Plan(order[places[i]], places[i]), workers, cancellationToken);
        return new BatchLoader(order, batchSize, clipLength,
            (index, position, pixels, token) => fill(
                index, position, new ReadAhead(ahead, Array.BinarySearch(places, position)), pixels, token),
            trySkip, workers, cancellationToken, ahead, split);
    }

    /// <param name="order">The indices of the clips in the order they are wanted.</param>
    /// <param name="batchSize">Clips per batch; the last batch may be smaller.</param>
    /// <param name="clipLength">T * C * H * W.</param>
    /// <param name="fill">Makes one clip; called from several threads at once.</param>
    /// <param name="trySkip">Takes note of a clip that cannot be read; false lets the error through.</param>
    /// <param name="workers">The number of threads.</param>
    /// <param name="cancellationToken">Ends the loading, and the waiting for it.</param>
    /// <param name="ahead">Disposed of with this object.</param>
    /// <param name="split">What is read here where several processes share batches; null for everything.</param>
    public BatchLoader(IReadOnlyList<int> order, int batchSize, int clipLength, ClipFiller fill,
        Func<int, VideoReadException, bool> trySkip, int workers, CancellationToken cancellationToken, ReadsAhead? ahead = null,
        BatchSplit? split = null)
    {
        _batches = (split ?? BatchSplit.None).Places(order.Count, batchSize);
        _capacity = _batches.Select(places => places.Length).DefaultIfEmpty().Max();
        _isShared = split is { Group.IsAlone: false };
        _ahead = ahead;
        _trySkip = trySkip;
        _order = order;
        _fill = fill;
        _batchSize = batchSize;
        _clipLength = clipLength;
        var options = new PrefetchOptions
        {
            Workers = Math.Clamp(_batches.Sum(places => places.Length), 1, workers),
            MaxItems = Math.Max(1, BatchesAhead * _capacity),
        };
        _places = new VideoPrefetcher<Place, bool>(Places(), TryFill, static _ => 0, options, cancellationToken);
    }

    /// <summary>
    /// The batches; each is valid until the next one is asked for. One without clips comes only where processes share batches: others may
    /// have some of it.
    /// </summary>
    public IEnumerable<ClipBatch> Read()
    {
        var read = new List<int>(_capacity);
        using IEnumerator<Prefetched<Place, bool>> places = _places.GetEnumerator();
        for (int batch = 0; batch < _batches.Length; batch++)
        {
            float[] pixels = [];
            read.Clear();
            for (int row = 0; row < _batches[batch].Length && places.MoveNext(); row++)
            {
                pixels = places.Current.Item.Pixels;
                if (!places.Current.Result)
                    continue;
                // Clips that could not be read leave gaps, which are closed.
                if (read.Count < row)
                    Clip(pixels, row).CopyTo(Clip(pixels, read.Count));
                read.Add(places.Current.Item.Position);
            }

            if (read.Count > 0 || _isShared)
            {
                int end = Math.Min((batch + 1) * _batchSize, _order.Count);
                yield return new ClipBatch(pixels, _capacity, end, [.. read.Select(position => _order[position])], [.. read]);
            }

            if (pixels.Length > 0)
                _buffers.Add(pixels);
        }
    }

    /// <summary>Ends the background work and waits for it.</summary>
    public void Dispose()
    {
        _places.Dispose();
        _ahead?.Dispose();
    }

    private Span<float> Clip(float[] pixels, int number) => pixels.AsSpan(number * _clipLength, _clipLength);

    private IEnumerable<Place> Places()
    {
        foreach (int[] positions in _batches)
        {
            if (positions.Length == 0)
                continue;
            if (!_buffers.TryTake(out float[]? pixels))
                pixels = new float[_capacity * _clipLength];
            for (int row = 0; row < positions.Length; row++)
                yield return new Place(positions[row], row, pixels);
        }
    }

    private bool TryFill(Place place, CancellationToken cancellationToken)
    {
        int index = _order[place.Position];
        try
        {
            _fill(index, place.Position, Clip(place.Pixels, place.Row), cancellationToken);
            return true;
        }
        catch (VideoReadException e) when (_trySkip(index, e))
        {
            return false;
        }
    }

    /// <summary>Where a clip goes.</summary>
    /// <param name="Position">Its place in the order.</param>
    /// <param name="Row">Its place in the batch.</param>
    /// <param name="Pixels">The batch, [B, T, C, H, W].</param>
    private readonly record struct Place(int Position, int Row, float[] Pixels);
}
