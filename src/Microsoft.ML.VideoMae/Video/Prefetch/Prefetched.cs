// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.VideoMae.Prefetch;

/// <summary>How far ahead videos are read, and by how many threads.</summary>
internal sealed record PrefetchOptions
{
    /// <summary>The number of threads. Each mostly waits for a decoder process of its own.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);

    /// <summary>The most results in work or waiting; at least <see cref="Workers"/> to keep all of them busy.</summary>
    public int MaxItems { get; init; } = 32;

    /// <summary>No new work is begun while waiting results have this many bytes. What is in work comes on top.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    public PrefetchOptions Validated()
    {
        var problems = new ProblemList();
        problems.Range(nameof(Workers), Workers, 1, 256);
        problems.AtLeastOne(nameof(MaxItems), MaxItems);
        problems.AtLeastOne(nameof(MaxBytes), MaxBytes);
        problems.ThrowIfAny($"The {nameof(PrefetchOptions)} are invalid");
        return this;
    }
}

/// <summary>An item with its result or its error.</summary>
internal sealed class Prefetched<TItem, TResult>
{
    private readonly TResult? _result;

    public Prefetched(TItem item, TResult result)
    {
        Item = item;
        _result = result;
    }

    public Prefetched(TItem item, Exception error)
    {
        Item = item;
        Error = error;
    }

    public TItem Item { get; }

    /// <summary>What the work threw, or null.</summary>
    public Exception? Error { get; }

    /// <summary>The result; throws what the work threw, with its own stack trace.</summary>
    public TResult Result
    {
        get
        {
            if (Error is not null)
                ExceptionDispatchInfo.Throw(Error);
            return _result!;
        }
    }
}

/// <summary>The place of an item in the order of results.</summary>
internal sealed class PrefetchSlot<TItem, TResult>(TItem item)
{
    public TItem Item { get; } = item;

    /// <summary>Null while work is done on the item.</summary>
    public Prefetched<TItem, TResult>? Outcome { get; private set; }

    public long Bytes { get; private set; }

    public void Finish(Prefetched<TItem, TResult> outcome, long bytes)
    {
        Outcome = outcome;
        Bytes = bytes;
    }
}
