// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// Which frames a read wants. Asking twice with the same timeline gives the same answer, so a decoder may try and start over.
/// </summary>
public sealed class FrameRequest
{
    private readonly FrameSampler? _sampler;
    private readonly int? _seed;
    private readonly bool _isWholeWithTimes;

    private FrameRequest(int[]? indices, FrameSampler? sampler, int? seed, bool isWholeWithTimes = false)
    {
        _isWholeWithTimes = isWholeWithTimes;
        Indices = indices;
        _sampler = sampler;
        _seed = seed;
    }

    /// <summary>Every frame.</summary>
    public static FrameRequest All { get; } = new(null, null, null);

    /// <summary>Exactly these frames, if they are known before the clip is; otherwise null.</summary>
    public IReadOnlyList<int>? Indices { get; }

    /// <summary>True if every frame is wanted.</summary>
    public bool IsAll => Indices is null && _sampler is null && !_isWholeWithTimes;

    /// <summary>True if <see cref="Choose"/> wants a timeline with times.</summary>
    public bool NeedsTimes => _isWholeWithTimes || _sampler is { NeedsTimes: true };

    /// <summary>Tells this request from others of a clip; null if chance has a part in it, or indices were given.</summary>
    internal string? Choice => IsAll ? "all" : _isWholeWithTimes ? "all with times" : _seed is null ? _sampler?.ToString() : null;

    /// <summary>The timeline that <see cref="Choose"/> was called with last.</summary>
    internal FrameTimeline? Timeline { get; private set; }

    /// <summary>Where decoders that can put the frames there should; null asks for frames that may be kept.</summary>
    internal FrameMemory? Memory { get; init; }

    /// <summary>Asks for given frames, in any order, repeats allowed.</summary>
    /// <param name="indices">Frame numbers from 0, at least one.</param>
    /// <exception cref="ArgumentException">There are no indices or a negative one.</exception>
    public static FrameRequest ForIndices(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Count == 0)
            throw new ArgumentException("No frame was asked for; give at least one index.", nameof(indices));
        if (indices.Any(i => i < 0))
            throw new ArgumentException($"Frame {indices.First(i => i < 0)} was asked for; frames are numbered from 0.", nameof(indices));
        return new FrameRequest([.. indices], null, null);
    }

    /// <summary>Asks for the frames a sampler chooses.</summary>
    /// <param name="sampler">The sampler.</param>
    /// <param name="random">The source of chance in training: one number is taken from it now. Null chooses as in scoring.</param>
    public static FrameRequest ForSampler(FrameSampler sampler, Random? random) => ForSampler(sampler, random, memory: null);

    /// <summary>The same, with memory for the frames.</summary>
    internal static FrameRequest ForSampler(FrameSampler sampler, Random? random, FrameMemory? memory)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        return new FrameRequest(null, sampler, random?.Next()) { Memory = memory };
    }

    /// <summary>Asks for every frame, and for the times at which they are shown.</summary>
    internal static FrameRequest WholeWithTimes() => new(null, null, null, isWholeWithTimes: true);

    /// <summary>The frames wanted of a clip.</summary>
    /// <param name="timeline">The clip's frames.</param>
    /// <returns>Frame numbers, in the order in which they are delivered.</returns>
    /// <exception cref="ClipTooShortException">The sampler refuses short clips, and the clip is.</exception>
    public int[] Choose(FrameTimeline timeline)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        if (_isWholeWithTimes)
            Timeline = timeline;
        if (Indices is not null)
            return [.. Indices];
        if (_sampler is null)
            return [.. Enumerable.Range(0, timeline.FrameCount)];
        return _sampler.Sample(timeline, _seed is int seed ? new Random(seed) : null);
    }
}

/// <summary>Lends the frames of one read memory from a pool: they must not be looked at after this is disposed.</summary>
/// <remarks>
/// A new array for each clip is large enough to be cleared page by page by the system, and to cost a collection of everything now and then.
/// </remarks>
internal sealed class FrameMemory : IDisposable
{
    private byte[] _pixels = [];

    /// <summary>Memory with any content; what was lent before is taken back.</summary>
    /// <param name="length">The number of bytes.</param>
    public Memory<byte> Rent(int length)
    {
        Dispose();
        _pixels = ArrayPool<byte>.Shared.Rent(length);
        return _pixels.AsMemory(0, length);
    }

    /// <summary>Takes over the memory of another read, which has none then.</summary>
    public void TakeFrom(FrameMemory other)
    {
        Dispose();
        (_pixels, other._pixels) = (other._pixels, []);
    }

    public void Dispose()
    {
        if (_pixels.Length > 0)
            ArrayPool<byte>.Shared.Return(_pixels);
        _pixels = [];
    }
}
