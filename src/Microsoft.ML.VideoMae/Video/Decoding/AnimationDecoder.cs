// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Animated GIF and WebP through SkiaSharp, with nothing to install. Still ones are clips of one frame.</summary>
internal sealed class AnimationDecoder : IVideoDecoder
{
    public bool CanDecode(MLVideo video)
    {
        Span<byte> head = stackalloc byte[12];
        if (MediaSignature.ReadHead(video, head) < head.Length)
            return false;
        return head.StartsWith("GIF8"u8) || (head.StartsWith("RIFF"u8) && head[8..].SequenceEqual("WEBP"u8));
    }

    public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using SKCodec codec = Open(video, options);
        (int width, int height) = SkiaImage.OutputSize(codec, options);
        FrameTimeline timeline = Timeline(codec, Math.Max(1, codec.FrameCount));
        return new VideoMetadata
        {
            FrameCount = timeline.FrameCount,
            Width = width,
            Height = height,
            FramesPerSecond = timeline.FramesPerSecond,
            Duration = TimeSpan.FromSeconds(timeline.Duration),
            Codec = Format(codec),
            Container = Format(codec),
            PixelFormat = "rgba",
        };
    }

    public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using SKCodec codec = Open(video, options);
        for (int count = Math.Max(1, codec.FrameCount); count > 0;)
        {
            int[] wanted = request.Choose(Timeline(codec, count));
            FrameLimits.CheckIndices(video, wanted, count);
            var assembler = new FrameAssembler(video, wanted, options, request.Memory);

            // A truncated file promises more frames than it holds: choose again from those that decode.
            int decoded = Decode(codec, assembler, options, cancellationToken);
            if (assembler.IsComplete)
                return assembler.ToFrames();
            count = decoded;
        }

        throw new VideoReadException(video.Name, VideoReadError.Damaged,
            $"it is a {Format(codec)} file whose first frame cannot be decoded. Copy or download it again.");
    }

    /// <summary>Decodes in order, each frame on top of the one before, until the request is complete or a frame fails.</summary>
    /// <returns>The number of frames that decoded.</returns>
    private static int Decode(SKCodec codec, FrameAssembler assembler, VideoReadOptions options, CancellationToken cancellationToken)
    {
        using var bitmap = new SKBitmap(SkiaImage.Info(codec.Info.Width, codec.Info.Height));
        SKCodecFrameInfo[] frames = codec.FrameInfo;
        for (int i = 0; !assembler.IsComplete; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isOnTop = i > 0 && i < frames.Length && frames[i].RequiredFrame == i - 1;
            var step = new SKCodecOptions(i, isOnTop ? i - 1 : -1);
            if (codec.GetPixels(bitmap.Info, bitmap.GetPixels(), step) != SKCodecResult.Success)
                return i;
            if (i != assembler.NextFrame)
                continue;
            (int width, int height) = SkiaImage.OutputSize(codec, options);
            SkiaImage.Write(bitmap, codec, options, width, height, assembler.Begin(width, height));
            assembler.Complete();
        }

        return codec.FrameCount;
    }

    private static SKCodec Open(MLVideo video, VideoReadOptions options)
    {
        using SKData data = video.Path is null ? SKData.CreateCopy(video.Bytes.Span) : SKData.Create(video.Path);
        SKCodec codec = SKCodec.Create(data)
            ?? throw new VideoReadException(video.Name, VideoReadError.Damaged,
                "it begins like a GIF or WebP file, and its header is damaged. Copy or download it again.");
        FrameLimits.CheckFrame(video, codec.Info.Width, codec.Info.Height, options);
        return codec;
    }

    /// <summary>When the frames are shown. Delays under 20 ms mean 100 ms, as in browsers and ffmpeg.</summary>
    private static FrameTimeline Timeline(SKCodec codec, int count)
    {
        var times = new double[count];
        double time = 0;
        double delay = 0;
        IReadOnlyList<SKCodecFrameInfo> frames = codec.FrameInfo;
        for (int i = 0; i < count && i < frames.Count; i++)
        {
            times[i] = time;
            delay = frames[i].Duration < 20 ? 0.1 : frames[i].Duration / 1000.0;
            time += delay;
        }

        return time > 0 ? new FrameTimeline(times, count / time) : new FrameTimeline(count);
    }

    private static string Format(SKCodec codec) => codec.EncodedFormat == SKEncodedImageFormat.Gif ? "gif" : "webp";
}
