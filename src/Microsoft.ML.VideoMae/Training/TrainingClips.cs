// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// Makes training clips: random frames, crops and flips that differ from epoch to epoch. All frames of a video are decoded and
/// shrunk once and kept, as long as memory lasts; what does not fit is decoded anew in every epoch, or read from the cache on disk.
/// </summary>
internal sealed class TrainingClips
{
    /// <summary>
    /// Kept frames are this much larger than what the model sees, so that small crops stay sharp and resizing is the same as in scoring.
    /// </summary>
    private const double CacheScale = 2;

    /// <summary>No clip takes more than this: a few minutes of small frames.</summary>
    private const long LargestClip = 256L << 20;

    private readonly IReadOnlyList<ClipExample> _examples;
    private readonly KeptFrames.Entry?[] _cache;
    private readonly bool[] _tooLarge;
    private readonly bool[] _isPlanned; // that all frames of a clip are read ahead
    private readonly object[] _gates;   // a clip that several copies want is read once
    private readonly FrameSampler _sampler;
    private readonly ClipAugmenter _augmenter;
    private readonly RandomStreams _streams;
    private readonly VideoReadOptions _readOptions;
    private readonly VideoReader _reader;
    private readonly FrameRequest _whole;
    private readonly Action<VideoMaeProgress>? _progress;
    private readonly VideoNotes _notes;
    private long _free;
    private int _kept;

    /// <param name="examples">The clips.</param>
    /// <param name="model">Gives frame sampling and image processor.</param>
    /// <param name="recipe">How clips are varied, and what is kept of them.</param>
    /// <param name="notes">Gets what a user should know of clips that can be read.</param>
    /// <param name="progress">Is told of every clip that is kept, on the thread that decoded it.</param>
    public TrainingClips(
        IReadOnlyList<ClipExample> examples, VideoModel model, TrainingRecipe recipe, VideoNotes notes,
        Action<VideoMaeProgress>? progress = null)
    {
        _examples = examples;
        _cache = new KeptFrames.Entry?[examples.Count];
        _tooLarge = new bool[examples.Count];
        _isPlanned = new bool[examples.Count];
        _gates = [.. examples.Select(_ => new object())];
        _sampler = model.Sampler;
        _whole = _sampler.NeedsTimes ? FrameRequest.WholeWithTimes() : FrameRequest.All;
        _streams = recipe.Streams;
        _progress = progress;
        _notes = notes;
        _free = recipe.FrameCacheBytes;
        _augmenter = new ClipAugmenter(model.Processor, recipe.Augmentation);
        int shortSide = (int)Math.Ceiling(Math.Min(_augmenter.Height, _augmenter.Width) * CacheScale);
        // Kept or not, frames are shrunk alike: what a clip looks like does not depend on the memory there is.
        _readOptions = VideoReadOptions.Default with { MaxShortSide = shortSide, TempFilePath = model.TempFilePath };
        _reader = recipe.Shared.FrameCacheFolder is not string cacheFolder
            ? VideoReader.Default
            : VideoReader.Default.With(new VideoFrameCache(cacheFolder));
    }

    /// <summary>Reads the clips.</summary>
    public VideoReader Reader => _reader;

    /// <summary>How clips are read.</summary>
    public VideoReadOptions ReadOptions => _readOptions;

    /// <summary>The read that <see cref="Fill"/> will make of a clip: all frames, to keep them, or those of an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="index">The clip.</param>
    /// <returns>The read; null if there is none to make.</returns>
    public PlannedRead? Plan(int epoch, int index)
    {
        MLVideo video = _examples[index].Video;
        if (video.PixelValues is not null || _cache[index] is not null || _isPlanned[index])
            return null;
        if (MayKeep(index))
        {
            if (_reader.FindKept(video, _whole, _readOptions) is not null)
                return null;
            _isPlanned[index] = true; // The copies of a clip come from one read.
            return new PlannedRead(video, _whole);
        }

        Random random = _streams.Create(RandomStreams.Purpose.Clip, epoch, index);
        return new PlannedRead(video, FrameRequest.ForSampler(_sampler, random, new FrameMemory()));
    }

    /// <summary>Writes one clip as the given epoch sees it.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="index">The clip.</param>
    /// <param name="ahead">Where the frames of an epoch may be, as <see cref="Plan"/> has it; null where they are not.</param>
    /// <param name="firstCopy">The same for the first copy of the clip, with which all frames are read.</param>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="cancellationToken">Ends the decoding.</param>
    public void Fill(int epoch, int index, ReadAhead? ahead, ReadAhead? firstCopy, Span<float> pixelValues,
        CancellationToken cancellationToken)
    {
        Random random = _streams.Create(RandomStreams.Purpose.Clip, epoch, index);
        if (_examples[index].Video.PixelValues is float[] processed)
        {
            processed.CopyTo(pixelValues);
            _augmenter.ApplyToProcessed(pixelValues, random);
            return;
        }

        VideoFrames? all;
        lock (_gates[index])
            all = _cache[index]?.Use() ?? ReadWhole(index, firstCopy, cancellationToken);
        using var memory = new FrameMemory();
        VideoFrames frames = all is null && ahead?.Take(memory, cancellationToken) is VideoFrames taken
            ? Drawn(taken, random)
            : _reader.Read(all is null ? _examples[index].Video : MLVideo.CreateFromFrames(all), _sampler, memory, _readOptions, random,
                cancellationToken);
        _notes.Add(_examples[index].Video, frames); // Kept frames have another name.
        _augmenter.Apply(frames, random, pixelValues);
    }

    /// <summary>Frames whose choice took a number from <see cref="Plan"/>'s source of chance takes it from this one too.</summary>
    private static VideoFrames Drawn(VideoFrames frames, Random random)
    {
        random.Next();
        return frames;
    }

    /// <summary>All frames of a clip if they may be kept, or were read ahead; null otherwise.</summary>
    private VideoFrames? ReadWhole(int index, ReadAhead? ahead, CancellationToken cancellationToken)
    {
        VideoFrames? frames = null;
        ahead?.Plan(); // What is not planned for keeping may hold an epoch's frames, which are not asked for here.
        if (_isPlanned[index])
        {
            frames = ahead?.Take(null, cancellationToken);
            _isPlanned[index] = false;
        }

        if (!MayKeep(index))
            return frames;
        try
        {
            long largest = Math.Clamp(Interlocked.Read(ref _free), 1, LargestClip);
            MLVideo video = _examples[index].Video;
            frames ??= _reader.FindKept(video, _whole, _readOptions)?.Use()
                ?? _reader.ReadWhole(video, _sampler.NeedsTimes, _readOptions with { MaxBytes = largest }, cancellationToken);
            if (frames.Pixels.Length > largest)
            {
                _tooLarge[index] = true;
                return frames;
            }

            _notes.Add(video, frames);
            Interlocked.Add(ref _free, -frames.Pixels.Length);
            _cache[index] = _reader.Keep(video, _whole, _readOptions, frames);
            _progress?.Invoke(new VideoMaeProgress(VideoMaeStage.Decoding, Interlocked.Increment(ref _kept), _examples.Count));
            return frames;
        }
        catch (VideoReadException e) when (e.Error == VideoReadError.TooLarge)
        {
            _tooLarge[index] = true;
            return null;
        }
    }

    private bool MayKeep(int index) => !_tooLarge[index] && Interlocked.Read(ref _free) > 0;
}
