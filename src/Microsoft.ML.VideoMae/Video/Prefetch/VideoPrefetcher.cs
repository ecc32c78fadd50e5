// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.VideoMae.Prefetch;

/// <summary>
/// Does work on items, such as decoding clips, on background threads, and hands out the results in the order of the items.
/// </summary>
/// <remarks>
/// <para>The order and the results do not depend on the number of workers: whatever is random must come from the item. Items are taken from
/// the sequence by one worker at a time. An exception travels to the item it belongs to and is thrown when that item's result is asked for;
/// an exception of the sequence itself is thrown by the enumeration, after the items before it.</para>
/// <para>Memory is bounded: no more than <see cref="PrefetchOptions.MaxItems"/> results, in work or waiting, and no new work while waiting
/// results have more than <see cref="PrefetchOptions.MaxBytes"/> bytes. Disposing ends the
/// threads, waiting for work that ignores its token.</para>
/// </remarks>
/// <typeparam name="TItem">What work is done on.</typeparam>
/// <typeparam name="TResult">What comes out.</typeparam>
internal sealed class VideoPrefetcher<TItem, TResult> : IEnumerable<Prefetched<TItem, TResult>>, IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<PrefetchSlot<TItem, TResult>> _slots = new();    // in the order of the items
    private readonly IEnumerator<TItem> _items;
    private readonly Func<TItem, CancellationToken, TResult> _work;
    private readonly Func<TResult, long> _size;
    private readonly PrefetchOptions _options;
    private readonly CancellationTokenSource _stop;
    private readonly Thread[] _threads;
    private long _waitingBytes;
    private bool _isTaking;
    private bool _isAtEnd;
    private Exception? _itemsError;

    /// <summary>Starts the work.</summary>
    /// <param name="items">The items, enumerated once, on the workers' threads.</param>
    /// <param name="work">The work; called from several threads, each call with a token that ends it.</param>
    /// <param name="size">The bytes a result holds.</param>
    /// <param name="options">The number of workers, and bounds.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public VideoPrefetcher(IEnumerable<TItem> items, Func<TItem, CancellationToken, TResult> work, Func<TResult, long> size,
        PrefetchOptions options, CancellationToken cancellationToken)
    {
        _options = options.Validated();
        _work = work;
        _size = size;
        _items = items.GetEnumerator();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stop.Token.Register(Wake);
        _threads = new Thread[_options.Workers];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"video prefetch {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Hands out the results; may be enumerated once.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerator<Prefetched<TItem, TResult>> GetEnumerator()
    {
        while (Next() is { } result)
            yield return result;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _stop.Cancel();
        foreach (Thread thread in _threads)
            thread.Join();
        _items.Dispose();
        _stop.Dispose();
    }

    private Prefetched<TItem, TResult>? Next()
    {
        lock (_lock)
        {
            while (true)
            {
                _stop.Token.ThrowIfCancellationRequested();
                if (_slots.TryPeek(out PrefetchSlot<TItem, TResult>? slot) && slot.Outcome is { } outcome)
                {
                    _slots.Dequeue();
                    _waitingBytes -= slot.Bytes;
                    Monitor.PulseAll(_lock);
                    return outcome;
                }

                if (_isAtEnd && _slots.Count == 0)
                    return _itemsError is null
                        ? null
                        : throw new InvalidOperationException($"The list of videos ended with an error: {_itemsError.Message}",
                            _itemsError);
                Monitor.Wait(_lock);
            }
        }
    }

    private void Work()
    {
        while (Take() is { } slot)
        {
            Prefetched<TItem, TResult> outcome;
            long bytes = 0;
            try
            {
                TResult result = _work(slot.Item, _stop.Token);
                bytes = _size(result);
                outcome = new Prefetched<TItem, TResult>(slot.Item, result);
            }
            catch (Exception e)
            {
                outcome = new Prefetched<TItem, TResult>(slot.Item, e);
            }

            lock (_lock)
            {
                slot.Finish(outcome, bytes);
                _waitingBytes += bytes;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>
    /// Takes the next item once there is room; null at the end. The sequence is moved outside
    /// of the lock, so that a slow one does not hold up the consumer.
    /// </summary>
    private PrefetchSlot<TItem, TResult>? Take()
    {
        lock (_lock)
        {
            while (!_stop.IsCancellationRequested && !_isAtEnd
                && (_isTaking || _slots.Count >= _options.MaxItems || _waitingBytes >= _options.MaxBytes))
                Monitor.Wait(_lock);
            if (_stop.IsCancellationRequested || _isAtEnd)
                return null;
            _isTaking = true;
        }

        Exception? error = null;
        PrefetchSlot<TItem, TResult>? slot = null;
        try
        {
            if (_items.MoveNext())
                slot = new PrefetchSlot<TItem, TResult>(_items.Current);
        }
        catch (Exception e)
        {
            error = e;
        }

        lock (_lock)
        {
            _isTaking = false;
            if (slot is not null)
                _slots.Enqueue(slot);
            else
                (_isAtEnd, _itemsError) = (true, error);
            Monitor.PulseAll(_lock);
        }

        return slot;
    }

    private void Wake()
    {
        lock (_lock)
            Monitor.PulseAll(_lock);
    }
}
