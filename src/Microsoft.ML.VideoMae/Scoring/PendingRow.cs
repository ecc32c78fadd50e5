// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Threading.Tasks;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>A row that a cursor has looked ahead to.</summary>
/// <param name="slot">Where its columns are kept.</param>
/// <param name="id">Its id.</param>
/// <param name="isRead">Ends when its clip is decoded; false where it cannot be read and is passed over.</param>
internal sealed class PendingRow(int slot, DataViewRowId id, Task<bool> isRead)
{
    public int Slot { get; } = slot;

    public DataViewRowId Id { get; } = id;

    public Task<bool> IsRead { get; } = isRead;

    /// <summary>The model's output; null before its turn.</summary>
    public float[]? Scores { get; set; }
}
