// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae;

public sealed partial class VideoReader
{
    private long _maxKeptBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
    private KeptFrames _kept;

    /// <summary>
    /// The most bytes of decoded frames that stay in memory between passes over the same files: a fit after another, scoring after a fit.
    /// Single reads and predictions keep nothing. What is not used for ten minutes is given up.
    /// </summary>
    /// <value>The default value is a quarter of the memory that this process may have. 0 keeps nothing.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long MaxKeptBytes
    {
        get => _maxKeptBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _maxKeptBytes = value;
            _kept = new KeptFrames(value);
        }
    }

    /// <summary>Whether frames stay in memory at all.</summary>
    internal bool KeepsFrames => _maxKeptBytes > 0;

    /// <summary>Frames that an earlier pass kept; null if there are none.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames wanted.</param>
    /// <param name="options">The settings that shape frames.</param>
    internal KeptFrames.Entry? FindKept(MLVideo video, FrameRequest request, VideoReadOptions options)
        => _maxKeptBytes > 0 && KeptFrames.Key.Of(video, request, options) is KeptFrames.Key key ? _kept.Find(key) : null;

    /// <summary>Whether there is room to keep frames that are read ahead.</summary>
    internal bool HasRoom => _maxKeptBytes > 0 && _kept.HasRoom;

    /// <summary>Says that frames are being read: <see cref="ReadKept"/> waits for them. Null if they are already, or cannot be kept.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames.</param>
    /// <param name="options">The settings that shape frames.</param>
    /// <param name="read">Ends when they are kept, or will not be.</param>
    internal KeptFrames.Key? Expect(MLVideo video, FrameRequest request, VideoReadOptions options, Task read)
        => KeptFrames.Key.Of(video, request, options) is KeptFrames.Key key && _kept.Expect(key, read) ? key : null;

    /// <summary>Says that frames which were expected are kept now, or will not be.</summary>
    internal void Forget(KeptFrames.Key key) => _kept.Forget(key);

    /// <summary>Whether frames of a video are kept, or are being read to be kept: they, or all of it.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The frames.</param>
    /// <param name="options">The settings that shape frames.</param>
    internal bool Keeps(MLVideo video, FrameRequest request, VideoReadOptions options) => _maxKeptBytes > 0
        && KeptFrames.Key.Of(video, request, options) is KeptFrames.Key key
        && (_kept.IsThere(key) || _kept.IsThere(key with { Choice = FrameRequest.All.Choice! }));

    /// <summary>Keeps frames that own their memory for later passes.</summary>
    /// <param name="video">The video.</param>
    /// <param name="request">The request that gave the frames.</param>
    /// <param name="options">The settings that shaped them.</param>
    /// <param name="frames">The frames.</param>
    internal KeptFrames.Entry Keep(MLVideo video, FrameRequest request, VideoReadOptions options, VideoFrames frames)
        => _maxKeptBytes > 0 && KeptFrames.Key.Of(video, request, options) is KeptFrames.Key key
            ? _kept.Add(key, frames)
            : new KeptFrames.Entry(frames);

    /// <summary>
    /// The frames a sampler chooses without chance, of those that an earlier pass kept; null if they are not there. Waits for those that
    /// are being read ahead.
    /// </summary>
    /// <param name="video">The video.</param>
    /// <param name="sampler">Chooses the frames.</param>
    /// <param name="memory">Memory for the frames.</param>
    /// <param name="options">The settings that shape frames, and limits.</param>
    internal VideoFrames? ReadKept(MLVideo video, FrameSampler sampler, FrameMemory memory, VideoReadOptions options)
    {
        FrameRequest request = FrameRequest.ForSampler(sampler, random: null, memory);
        if (AwaitKept(video, request, options) is KeptFrames.Entry chosen)
            return chosen.Use();

        // All frames serve as well where a read chooses by the number of frames that decode: other files may promise more than they hold.
        return !sampler.NeedsTimes && AwaitKept(video, FrameRequest.All, options)?.Use() is VideoFrames all
            && all.Pixels.Length <= FFmpegDecoder.WholeClipBytes && IsSmall(video)
            ? InMemoryFrames.Pick(video, all, request, options)
            : null;
    }

    private KeptFrames.Entry? AwaitKept(MLVideo video, FrameRequest request, VideoReadOptions options)
    {
        if (_maxKeptBytes == 0 || KeptFrames.Key.Of(video, request, options) is not KeptFrames.Key key)
            return null;
        _kept.Await(key);
        return _kept.Find(key);
    }

    private bool IsSmall(MLVideo video)
        => RegularFile.Of(video.Path!).Length <= FFmpegDecoder.SmallFile && _decoders.First(d => d.CanDecode(video)) == _ffmpeg;
}
