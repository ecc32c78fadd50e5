// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Puts decoded frames, which come in ascending order, where the request wants them, repeats included.</summary>
internal sealed class FrameAssembler
{
    private readonly MLVideo _video;
    private readonly int[] _frames;
    private readonly int[] _positions;
    private readonly int _count;
    private readonly VideoReadOptions _options;
    private readonly FrameMemory? _memory;
    private Memory<byte> _pixels;
    private int _next;

    /// <summary>Prepares for a request.</summary>
    /// <param name="video">The video, for messages.</param>
    /// <param name="wanted">The frames wanted, in the order of delivery.</param>
    /// <param name="options">The limits.</param>
    /// <param name="memory">Memory for the frames; null makes some that may be kept.</param>
    public FrameAssembler(MLVideo video, int[] wanted, VideoReadOptions options, FrameMemory? memory = null)
    {
        _video = video;
        _memory = memory;
        _options = options;
        _count = wanted.Length;
        FrameLimits.CheckCount(video, _count, options);
        _frames = [.. wanted];
        _positions = [.. Enumerable.Range(0, wanted.Length)];
        Array.Sort(_frames, _positions);
        Distinct = [.. _frames.Distinct()];
    }

    /// <summary>The frames wanted, ascending, each once.</summary>
    public int[] Distinct { get; }

    public bool IsComplete => _next == _count;

    /// <summary>The frame that is wanted next, or -1.</summary>
    public int NextFrame => IsComplete ? -1 : _frames[_next];

    public int Width { get; private set; }

    public int Height { get; private set; }

    private int FrameSize => Width * Height * VideoFrames.Channels;

    /// <summary>Where the pixels of <see cref="NextFrame"/> go; call <see cref="Complete"/> once they are there.</summary>
    public Span<byte> Begin(int width, int height)
    {
        if (_pixels.Length == 0)
        {
            FrameLimits.CheckBytes(_video, _count, width, height, _options);
            (Width, Height) = (width, height);
            int length = checked(_count * FrameSize);
            _pixels = _memory?.Rent(length)
                ?? GC.AllocateUninitializedArray<byte>(length); // Every frame is written before anyone reads it.
        }
        else if (width != Width || height != Height)
        {
            throw new VideoReadException(_video.Name, VideoReadError.Damaged,
                $"its frames change size from {Width}x{Height} to {width}x{height}. All frames of a " +
                "clip must have one size; convert the file.");
        }

        return Slot(_positions[_next]);
    }

    /// <summary>Copies the frame to the other places that want it.</summary>
    public void Complete()
    {
        int frame = _frames[_next];
        ReadOnlySpan<byte> pixels = Slot(_positions[_next]);
        for (_next++; _next < _count && _frames[_next] == frame; _next++)
            pixels.CopyTo(Slot(_positions[_next]));
    }

    /// <summary>The frames, once they are complete.</summary>
    /// <param name="notes">What users should be told of them.</param>
    public VideoFrames ToFrames(string notes = "") => new(_pixels, _count, Height, Width) { Notes = notes };

    private Span<byte> Slot(int position) => _pixels.Span.Slice(position * FrameSize, FrameSize);
}

/// <summary>Picks from frames that are decoded already.</summary>
internal static class InMemoryFrames
{
    public static VideoFrames Pick(MLVideo video, VideoFrames frames, FrameRequest request, VideoReadOptions options)
    {
        if (request.IsAll)
            return frames;
        int[] wanted;
        try
        {
            wanted = request.Choose(frames.Timeline ?? new FrameTimeline(frames.Count));
        }
        catch (Exception e) when (VideoReader.ErrorOf(e) is VideoReadError error)
        {
            throw new VideoReadException(video.Name, error, e.Message, e);
        }

        FrameLimits.CheckIndices(video, wanted, frames.Count);
        var assembler = new FrameAssembler(video, wanted, options, request.Memory);
        while (!assembler.IsComplete)
        {
            frames.Frame(assembler.NextFrame).CopyTo(assembler.Begin(frames.Width, frames.Height));
            assembler.Complete();
        }

        return assembler.ToFrames(frames.Notes);
    }
}
