// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Prefetch;

/// <summary>The place of an item in the order of results.</summary>
internal sealed class PrefetchSlot<TItem, TResult>
{
    public PrefetchSlot(TItem item) => Item = item;

    public TItem Item { get; }

    /// <summary>Null while work is done on the item.</summary>
    public Prefetched<TItem, TResult>? Outcome { get; private set; }

    public long Bytes { get; private set; }

    public void Finish(Prefetched<TItem, TResult> outcome, long bytes)
    {
        Outcome = outcome;
        Bytes = bytes;
    }
}
