// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
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
    private readonly ClipFiller _fill;
    private readonly int _batchSize;
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
    public static BatchLoader WithReadsAhead(IReadOnlyList<int> order, int batchSize, int clipLength,
        (VideoReader Reader, VideoReadOptions Options, ReadPlanner Plan) reads, FrameFiller fill,
        Func<int, VideoReadException, bool> trySkip, int workers, CancellationToken cancellationToken)
    {
        var ahead = new ReadsAhead(
            reads.Reader, reads.Options, () => order.Count, position => reads.Plan(order[position], position), workers, cancellationToken);
        return new BatchLoader(order, batchSize, clipLength,
            (index, position, pixels, token) => fill(index, position, new ReadAhead(ahead, position), pixels, token),
            trySkip, workers, cancellationToken, ahead);
    }

    /// <param name="order">The indices of the clips in the order they are wanted.</param>
    /// <param name="batchSize">Clips per batch; the last batch may be smaller.</param>
    /// <param name="clipLength">T * C * H * W.</param>
    /// <param name="fill">Makes one clip; called from several threads at once.</param>
    /// <param name="trySkip">Takes note of a clip that cannot be read; false lets the error through.</param>
    /// <param name="workers">The number of threads.</param>
    /// <param name="cancellationToken">Ends the loading, and the waiting for it.</param>
    /// <param name="ahead">Disposed of with this object.</param>
    public BatchLoader(IReadOnlyList<int> order, int batchSize, int clipLength, ClipFiller fill,
        Func<int, VideoReadException, bool> trySkip, int workers, CancellationToken cancellationToken, ReadsAhead? ahead = null)
    {
        _ahead = ahead;
        _trySkip = trySkip;
        _order = order;
        _fill = fill;
        _batchSize = batchSize;
        _clipLength = clipLength;
        var options = new PrefetchOptions { Workers = Math.Clamp(order.Count, 1, workers), MaxItems = BatchesAhead * batchSize };
        _places = new VideoPrefetcher<Place, bool>(Places(), TryFill, static _ => 0, options, cancellationToken);
    }

    /// <summary>The batches; each is valid until the next one is asked for.</summary>
    public IEnumerable<ClipBatch> Read()
    {
        var indices = new List<int>(_batchSize);
        foreach (Prefetched<Place, bool> place in _places)
        {
            (int position, float[] pixels) = place.Item;
            if (place.Result)
            {
                // Clips that could not be read leave gaps, which are closed.
                if (indices.Count < position % _batchSize)
                    Clip(pixels, position % _batchSize).CopyTo(Clip(pixels, indices.Count));
                indices.Add(_order[position]);
            }

            if (position + 1 != _order.Count && (position + 1) % _batchSize != 0)
                continue;
            if (indices.Count > 0)
                yield return new ClipBatch(pixels, _batchSize, position + 1, [.. indices]);
            indices.Clear();
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
        float[] pixels = [];
        for (int position = 0; position < _order.Count; position++)
        {
            if (position % _batchSize == 0 && !_buffers.TryTake(out pixels!))
                pixels = new float[_batchSize * _clipLength];
            yield return new Place(position, pixels);
        }
    }

    private bool TryFill(Place place, CancellationToken cancellationToken)
    {
        int index = _order[place.Position];
        try
        {
            _fill(index, place.Position, Clip(place.Pixels, place.Position % _batchSize), cancellationToken);
            return true;
        }
        catch (VideoReadException e) when (_trySkip(index, e))
        {
            return false;
        }
    }

    /// <summary>Where a clip goes.</summary>
    /// <param name="Position">Its place in the order.</param>
    /// <param name="Pixels">The batch, [B, T, C, H, W].</param>
    private readonly record struct Place(int Position, float[] Pixels);
}
