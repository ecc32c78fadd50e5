// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Generated;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Videos that a program makes up: textured shapes and figures that move before a textured background, with a camera that stands
/// still or moves. Each row is made when it is read, from the seed and its index, and nothing is kept. Its motion is known: a second
/// column has it.
/// </summary>
/// <remarks>
/// The columns are Video, and Displacement, a vector of Single [T / 4, H / 4, W / 4, 2] (<see cref="GeneratedClip.Displacement"/>).
/// The same seed and index give the same clip on one kind of machine; on another, single bytes may differ by one. Rows can be made by
/// several threads at once.
/// </remarks>
public sealed class GeneratedVideos : IDataView
{
    /// <summary>The frames and pixels that share a displacement.</summary>
    public const int CellSize = 4;

    private const int LargestSide = 512;
    private const int MostFrames = 1024;

    private readonly IHost _host;
    private readonly int _seed;
    private readonly long _count;

    internal GeneratedVideos(IHostEnvironment env, long count, int seed, int numberOfFrames, int frameSize)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(GeneratedVideos));
        Check(count > 0, nameof(count), count, "at least 1");
        Check(numberOfFrames is > 0 and <= MostFrames && numberOfFrames % CellSize == 0, nameof(numberOfFrames), numberOfFrames,
            $"a multiple of {CellSize} up to {MostFrames}");
        Check(frameSize is > 0 and <= LargestSide && frameSize % CellSize == 0, nameof(frameSize), frameSize,
            $"a multiple of {CellSize} up to {LargestSide}");
        (_count, _seed, NumberOfFrames, FrameSize) = (count, seed, numberOfFrames, frameSize);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Video", VideoDataViewType.Instance);
        schema.AddColumn("Displacement", new VectorDataViewType(NumberDataViewType.Single,
            numberOfFrames / CellSize, frameSize / CellSize, frameSize / CellSize, 2));
        Schema = schema.ToSchema();
    }

    /// <summary>The frames of a clip.</summary>
    public int NumberOfFrames { get; }

    /// <summary>The height and width of a frame, in pixels.</summary>
    public int FrameSize { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Rows are random already, and come in the order of their index.</summary>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public long? GetRowCount() => _count;

    /// <summary>Makes one clip. May be called from several threads at once.</summary>
    /// <param name="index">The index of the row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public GeneratedClip Create(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
        var random = new SceneRandom(_seed, index);
        var renderer = new SceneRenderer(FrameSize, NumberOfFrames);
        renderer.Draw(new SceneBuilder(random, FrameSize, NumberOfFrames).Build());
        byte[] pixels = SceneEffects.Apply(renderer.Pixels, FrameSize, random);
        return new GeneratedClip(new VideoFrames(pixels, NumberOfFrames, FrameSize, FrameSize), Cells(renderer.Flow));
    }

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new GeneratedVideosCursor(_host, this, [.. columnsNeeded.Select(c => c.Index)], first: 0, step: 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        HashSet<int> needed = [.. columnsNeeded.Select(c => c.Index)];
        return [.. Enumerable.Range(0, Math.Max(1, n)).Select(i => new GeneratedVideosCursor(_host, this, needed, i, Math.Max(1, n)))];
    }

    /// <summary>The means of cells: [T, H, W, 2] to [T / 4, H / 4, W / 4, 2].</summary>
    private float[] Cells(float[] flow)
    {
        int cells = FrameSize / CellSize;
        var means = new float[flow.Length / (CellSize * CellSize * CellSize)];
        for (int i = 0; i < flow.Length; i++)
        {
            int direction = i % 2, x = i / 2 % FrameSize, y = i / 2 / FrameSize % FrameSize, t = i / 2 / FrameSize / FrameSize;
            int cell = (t / CellSize * cells + y / CellSize) * cells + x / CellSize;
            means[cell * 2 + direction] += flow[i] / (CellSize * CellSize * CellSize);
        }

        return means;
    }

    private void Check(bool isRight, string name, long value, string allowed)
    {
        if (!isRight)
            throw _host.ExceptParam(name, $"It is {value}, but has to be {allowed}.");
    }
}
