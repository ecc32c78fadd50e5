// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Arithmetic on shapes that come from files and so may be anything.</summary>
internal static class TensorShape
{
    /// <summary>The number of elements; false where a size is negative or the product overflows.</summary>
    internal static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 1;
        bool empty = false;
        foreach (long size in shape)
        {
            if (size < 0)
                return false;
            empty |= size == 0;
            if (size > 0 && count > long.MaxValue / size)
                return false;
            count *= Math.Max(size, 1);
        }

        if (empty)
            count = 0;
        return true;
    }
}
