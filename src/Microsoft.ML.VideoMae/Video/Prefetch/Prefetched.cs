// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.VideoMae.Prefetch;

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
