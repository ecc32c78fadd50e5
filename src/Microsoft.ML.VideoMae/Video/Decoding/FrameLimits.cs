// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Checks what is about to be decoded against the options' limits.</summary>
internal static class FrameLimits
{
    public static void CheckFrame(MLVideo video, long width, long height, VideoReadOptions options)
    {
        if (width < 1 || height < 1 || width * height > options.MaxFramePixels)
        {
            throw new VideoReadException(video.Name, VideoReadError.TooLarge,
                $"its frames are {width}x{height} pixels; at most {options.MaxFramePixels} pixels are allowed. Shrink the video or raise " +
                $"{nameof(VideoReadOptions)}.{nameof(VideoReadOptions.MaxFramePixels)}.");
        }
    }

    public static void CheckCount(MLVideo video, long count, VideoReadOptions options)
    {
        if (count > options.MaxFrames)
        {
            throw new VideoReadException(video.Name, VideoReadError.TooLarge,
                $"{count} frames were asked for; at most {options.MaxFrames} are delivered at once. Sample fewer frames or raise " +
                $"{nameof(VideoReadOptions)}.{nameof(VideoReadOptions.MaxFrames)}.");
        }
    }

    public static void CheckIndices(MLVideo video, int[] wanted, int count)
    {
        int last = wanted.Max();
        if (last >= count)
        {
            throw new VideoReadException(video.Name, VideoReadError.TooShort,
                $"frame {last} was asked for, and it has {count} frames (0 to {count - 1}). Ask for fewer, or use a sampler.");
        }
    }

    public static void CheckBytes(MLVideo video, long count, int width, int height, VideoReadOptions options)
    {
        CheckFrame(video, width, height, options);
        long bytes = count * width * height * VideoFrames.Channels;
        if (bytes > options.MaxBytes)
        {
            throw new VideoReadException(video.Name, VideoReadError.TooLarge,
                $"{count} frames of {width}x{height} take {bytes} bytes; at most {options.MaxBytes} are delivered at once. "
                + $"Sample fewer frames, set {nameof(VideoReadOptions.MaxShortSide)}, or raise " +
                $"{nameof(VideoReadOptions)}.{nameof(VideoReadOptions.MaxBytes)}.");
        }
    }
}
