// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Turns videos or clips into a batch of pixel values, [B, T, C, H, W]: takes frames by the sampling rule of its settings, then
/// does with them what <see cref="VideoMaeImageProcessor"/> does.
/// </summary>
/// <remarks>Instances are immutable and may be used from several threads at once.</remarks>
public sealed class VideoMaeVideoProcessor
{
    /// <summary>The name Hugging Face stores a video processor's settings under.</summary>
    internal const string FileName = "video_preprocessor_config.json";

    /// <summary>Makes a processor.</summary>
    /// <param name="options">The settings; null for the defaults of the reference's class, which take all frames.</param>
    /// <exception cref="ArgumentException">Settings are invalid; the message lists all problems.</exception>
    public VideoMaeVideoProcessor(VideoMaeImageProcessorOptions? options = null) => ImageProcessor = new VideoMaeImageProcessor(options);

    /// <summary>Does the work on frames.</summary>
    public VideoMaeImageProcessor ImageProcessor { get; }

    /// <summary>The settings in use.</summary>
    public VideoMaeImageProcessorOptions Options => ImageProcessor.Options;

    /// <summary>Reads the settings of a checkpoint folder.</summary>
    /// <param name="path">
    /// A JSON file, or a folder. In a folder the first of these is taken: the <c>video_processor</c> or <c>image_processor</c> part
    /// of processor_config.json, video_preprocessor_config.json, preprocessor_config.json.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file, or none of them in the folder.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON, or settings are invalid; the message lists all problems.</exception>
    public static VideoMaeVideoProcessor FromPretrained(string path) => new(ProcessorFiles.Read(path, preferVideo: true));

    /// <summary>Writes video_preprocessor_config.json.</summary>
    /// <param name="folder">The folder; it is made where it does not exist.</param>
    public void SavePretrained(string folder) => ProcessorFiles.Write(folder, FileName, ImageProcessorJson.WriteVideo(Options));

    /// <summary>Computes the pixel values of clips.</summary>
    /// <param name="clips">At least one clip; after sampling all must have the same number of frames.</param>
    /// <exception cref="ArgumentException">There is no clip, clips don't fit into one batch, or one has too few frames.</exception>
    public VideoPixelValues Process(params IReadOnlyList<VideoFrames> clips) => Process(clips, framesPerSecond: 0);

    /// <summary>Computes the pixel values of clips of a known frame rate.</summary>
    /// <param name="clips">At least one clip; after sampling all must have the same number of frames.</param>
    /// <param name="framesPerSecond">The frame rate of the clips, for settings that give <c>fps</c>; 0 where unknown.</param>
    /// <exception cref="ArgumentException">There is no clip, clips don't fit into one batch, or one has too few frames.</exception>
    public VideoPixelValues Process(IReadOnlyList<VideoFrames> clips, double framesPerSecond)
    {
        ArgumentNullException.ThrowIfNull(clips);
        var sampled = new VideoFrames[clips.Count];
        for (int i = 0; i < sampled.Length; i++)
            sampled[i] = Sample(clips[i] ?? throw new ArgumentException($"Clip {i} is null.", nameof(clips)), framesPerSecond);
        return ProcessSampled(sampled);
    }

    /// <summary>Reads videos and computes their pixel values; only the frames that are taken are kept.</summary>
    /// <param name="videos">At least one video; after sampling all must have the same number of frames.</param>
    /// <param name="reader">Reads them; null for <see cref="VideoReader.Default"/>.</param>
    /// <param name="options">How to decode, and limits; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="VideoReadException">A video cannot be read, or has fewer frames than its file says.</exception>
    /// <exception cref="ArgumentException">There is no video, videos don't fit into one batch, or one has too few frames.</exception>
    public VideoPixelValues Process(
        IReadOnlyList<MLVideo> videos, VideoReader? reader = null, VideoReadOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(videos);
        reader ??= VideoReader.Default;
        var sampled = new VideoFrames[videos.Count];
        for (int i = 0; i < sampled.Length; i++)
        {
            MLVideo video = videos[i] ?? throw new ArgumentException($"Video {i} is null.", nameof(videos));
            sampled[i] = Read(video, reader, options, cancellationToken);
        }

        return ProcessSampled(sampled);
    }

    private VideoFrames Read(MLVideo video, VideoReader reader, VideoReadOptions? options, CancellationToken cancellationToken)
    {
        if (!Options.DoSampleFrames)
            return reader.ReadAll(video, options, cancellationToken);
        VideoMetadata metadata = reader.Probe(video, options, cancellationToken);
        try
        {
            int[] indices = EvenFrameSampling.Indices(Options, metadata.FrameCount, metadata.FramesPerSecond);
            return reader.Read(video, indices, options, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"Video '{video.Name}': {e.Message}", nameof(video), e);
        }
    }

    private VideoFrames Sample(VideoFrames clip, double framesPerSecond)
    {
        int[] indices = EvenFrameSampling.Indices(Options, clip.Count, framesPerSecond);
        if (indices.Length == clip.Count)
            return clip;
        int size = clip.Height * clip.Width * VideoFrames.Channels;
        var pixels = new byte[indices.Length * size];
        for (int i = 0; i < indices.Length; i++)
            clip.Frame(indices[i]).CopyTo(pixels.AsSpan(i * size));
        return new VideoFrames(pixels, indices.Length, clip.Height, clip.Width);
    }

    private VideoPixelValues ProcessSampled(VideoFrames[] clips)
    {
        if (clips.Length == 0)
            throw new ArgumentException("No clips were given; a batch has at least one.", nameof(clips));
        int frames = clips[0].Count;
        (int height, int width) = ImageProcessor.GetOutputSize(clips[0].Height, clips[0].Width);
        for (int i = 1; i < clips.Length; i++)
        {
            (int h, int w) = ImageProcessor.GetOutputSize(clips[i].Height, clips[i].Width);
            if ((clips[i].Count, h, w) != (frames, height, width))
            {
                throw new ArgumentException(
                    $"Clip {i} gives {clips[i].Count} frames of {w}x{h}, clip 0 gives {frames} of {width}x{height}; " +
                    "all clips of a batch must give the same. "
                    + "Use do_sample_frames with num_frames, do_center_crop, or separate calls.", nameof(clips));
            }
        }

        int length = ImageProcessor.GetOutputLength(clips[0]);
        var values = new float[checked(clips.Length * length)];
        for (int i = 0; i < clips.Length; i++)
            ImageProcessor.Process(clips[i], values.AsSpan(i * length, length));
        return new VideoPixelValues(values, clips.Length, frames, height, width);
    }
}
