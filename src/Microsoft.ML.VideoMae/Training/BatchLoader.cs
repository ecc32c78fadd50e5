// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Fills batches on background threads while the model works on the one before. The batches come in the given order whatever
/// the number of workers, and an error arrives with the batch it belongs to.
/// </summary>
internal sealed class BatchLoader : IDisposable
{
    /// <summary>Writes one clip's normalised pixels.</summary>
    /// <param name="index">The clip.</param>
    /// <param name="position">Its place in the order.</param>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public delegate void ClipFiller(int index, int position, Span<float> pixelValues, CancellationToken cancellationToken);

    private const int BatchesAhead = 2;

    private readonly IReadOnlyList<int> _order;
    private readonly ClipFiller _fill;
    private readonly int _batchSize;
    private readonly int _clipLength;
    private readonly int _workers;
    private readonly Func<int, VideoReadException, bool> _trySkip;
    private readonly ConcurrentBag<float[]> _buffers = [];
    private readonly BlockingCollection<ClipBatch> _ready = new(BatchesAhead);
    private readonly CancellationTokenSource _stop;
    private readonly Task _producer;
    private Exception? _failure;

    /// <param name="order">The indices of the clips in the order they are wanted.</param>
    /// <param name="batchSize">Clips per batch; the last batch may be smaller.</param>
    /// <param name="clipLength">T * C * H * W.</param>
    /// <param name="fill">Makes one clip; called from several threads at once.</param>
    /// <param name="trySkip">Takes note of a clip that cannot be read; false lets the error through.</param>
    /// <param name="workers">The number of threads.</param>
    /// <param name="cancellationToken">Ends the loading, and the waiting for it.</param>
    public BatchLoader(IReadOnlyList<int> order, int batchSize, int clipLength, ClipFiller fill,
        Func<int, VideoReadException, bool> trySkip, int workers, CancellationToken cancellationToken)
    {
        _trySkip = trySkip;
        _order = order;
        _fill = fill;
        _batchSize = batchSize;
        _clipLength = clipLength;
        _workers = workers;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _producer = Task.Factory.StartNew(Produce, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The batches; each is valid until the next one is asked for.</summary>
    public IEnumerable<ClipBatch> Read()
    {
        foreach (ClipBatch batch in _ready.GetConsumingEnumerable())
        {
            if (batch.Count > 0)
                yield return batch;
            _buffers.Add(batch.PixelValues);
        }

        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    /// <summary>Ends the background work and waits for it.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _producer.Wait();
        _ready.Dispose();
        _stop.Dispose();
    }

    private void Produce()
    {
        try
        {
            for (int start = 0; start < _order.Count; start += _batchSize)
                _ready.Add(MakeBatch(start, Math.Min(_batchSize, _order.Count - start)), _stop.Token);
        }
        catch (AggregateException e)
        {
            _failure = e.InnerExceptions[0];
        }
        catch (Exception e)
        {
            _failure = e;
        }
        finally
        {
            _ready.CompleteAdding();
        }
    }

    private ClipBatch MakeBatch(int start, int count)
    {
        if (!_buffers.TryTake(out float[]? pixels))
            pixels = new float[_batchSize * _clipLength];
        var isRead = new bool[count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = _workers, CancellationToken = _stop.Token };
        Parallel.For(0, count, options, i => isRead[i] = TryFill(start + i, pixels.AsSpan(i * _clipLength, _clipLength)));

        // Clips that could not be read leave gaps, which are closed.
        var indices = new List<int>(count);
        for (int i = 0; i < count; i++)
        {
            if (!isRead[i])
                continue;
            if (indices.Count < i)
                pixels.AsSpan(i * _clipLength, _clipLength).CopyTo(pixels.AsSpan(indices.Count * _clipLength));
            indices.Add(_order[start + i]);
        }

        return new ClipBatch(pixels, _batchSize, start + count, [.. indices]);
    }

    private bool TryFill(int position, Span<float> pixelValues)
    {
        int index = _order[position];
        try
        {
            _fill(index, position, pixelValues, _stop.Token);
            return true;
        }
        catch (VideoReadException e) when (_trySkip(index, e))
        {
            return false;
        }
    }
}
