// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.ML.VideoMae.Processing;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>What stands beside the network in a <see cref="VideoModel"/>.</summary>
/// <param name="Processor">Makes pixel values of frames.</param>
/// <param name="Sampler">Chooses the frames of a clip.</param>
/// <param name="Device">Where the network is.</param>
internal sealed record VideoModelSettings(VideoMaeImageProcessor Processor, FrameSampler Sampler, Device Device)
{
    /// <summary>How videos are looked at in scoring.</summary>
    public ScoringViews Views { get; init; } = ScoringViews.One;

    /// <summary>What happens in scoring to a video that cannot be read.</summary>
    public VideoErrorPolicy OnVideoError { get; init; } = VideoErrorPolicy.Throw;

    /// <summary>How weights are saved.</summary>
    public WeightStorage Storage { get; init; } = WeightStorage.Float32;
}

/// <summary>A network with all it needs to give videos numbers: frame sampling, image processor, views and device.</summary>
/// <remarks>Reading and scoring may be called from several threads at once.</remarks>
internal abstract partial class VideoModel : IDisposable
{
    /// <summary>Tokens that a batch of clips may have in all: beyond it a batch costs memory and is no faster on a CPU.</summary>
    private const int TokensPerBatch = 16384;

    private const int LargestBatch = 32;

    private NativeMemory? _memory;

    /// <param name="weights">The network, which is this object's from now on.</param>
    /// <param name="settings">What stands beside it.</param>
    private protected VideoModel(VideoMaePreTrainedModel weights, VideoModelSettings settings)
    {
        Weights = weights;
        Settings = settings;
        ClipLength = Config.NumFrames * Config.NumChannels * Config.ImageSize.Height * Config.ImageSize.Width;
        BatchSize = Math.Clamp(TokensPerBatch / Config.NumPatches, 1, LargestBatch);
        _memory = new NativeMemory(weights.ParameterCount * sizeof(float));
    }

    /// <summary>The network.</summary>
    public VideoMaePreTrainedModel Weights { get; }

    /// <summary>What stands beside it.</summary>
    public VideoModelSettings Settings { get; }

    public VideoMaeConfig Config => Weights.Config;

    public VideoMaeImageProcessor Processor => Settings.Processor;

    public FrameSampler Sampler => Settings.Sampler;

    public Device Device => Settings.Device;

    /// <summary>How videos are looked at.</summary>
    public ScoringViews Views => Settings.Views;

    /// <summary>What the model says of itself; null where it was not trained here, or by an earlier version.</summary>
    public VideoMaeModelCard? Card { get; set; }

    /// <summary>The folder for temporary files; null is the system's.</summary>
    public string? TempFilePath { get; set; }

    /// <summary>Is told, once, what a user should know of how the model computes here.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>What products are computed with; models that reconstruct know only one way.</summary>
    /// <exception cref="NotSupportedException">The model cannot do that.</exception>
    public virtual ComputePrecision Precision
    {
        get => ComputePrecision.Float32;
        set
        {
            if (value == ComputePrecision.BFloat16)
                throw new NotSupportedException("Models that reconstruct videos are scored in Float32 only.");
        }
    }

    /// <summary>The number of values for a clip.</summary>
    public abstract int OutputLength { get; }

    /// <summary>T * C * H * W.</summary>
    public int ClipLength { get; }

    /// <summary>The number of clips to score at a time.</summary>
    public int BatchSize { get; }

    /// <summary>The outputs for a batch.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are scored.</param>
    /// <param name="count">B.</param>
    public abstract float[][] Score(ArraySegment<float> pixelValues, int count);

    /// <summary>How videos are read for scoring.</summary>
    public VideoReadOptions ReadOptions => VideoReadOptions.Default with { TempFilePath = TempFilePath };

    /// <summary>The read that <see cref="ReadPixelValues(MLVideo, Span{float}, VideoNotes, CancellationToken)"/> makes.</summary>
    public PlannedRead? PlanRead(MLVideo video) => Plan(video, Sampler);

    /// <summary>The read that <see cref="TryReadViews"/> makes of a video.</summary>
    public PlannedRead? PlanReadOfViews(MLVideo video) => Plan(video, ViewSampler);

    /// <summary>Decodes a video the way scoring with one view does it: deterministic frames, the processor's exact arithmetic.</summary>
    /// <param name="video">The video, or its pixel values.</param>
    /// <param name="pixelValues">Receives [T, C, H, W].</param>
    /// <param name="notes">Gets what a user should know of the video.</param>
    /// <param name="cancellationToken">Stops decoding.</param>
    public void ReadPixelValues(MLVideo video, Span<float> pixelValues, VideoNotes notes, CancellationToken cancellationToken)
        => ReadPixelValues(video, null, pixelValues, notes, cancellationToken);

    /// <summary>The same of a video that may have been read ahead.</summary>
    /// <param name="video">The video, or its pixel values.</param>
    /// <param name="ahead">Where its frames may be; null where they are not.</param>
    /// <param name="pixelValues">Receives [T, C, H, W].</param>
    /// <param name="notes">Gets what a user should know of the video.</param>
    /// <param name="cancellationToken">Stops decoding.</param>
    public void ReadPixelValues(
        MLVideo video, ReadAhead? ahead, Span<float> pixelValues, VideoNotes notes, CancellationToken cancellationToken)
    {
        if (video.PixelValues is float[] processed)
        {
            processed.CopyTo(pixelValues);
            return;
        }

        using var memory = new FrameMemory();
        Processor.Process(Read(video, ahead, Sampler, memory, notes, cancellationToken), pixelValues);
    }

    /// <summary>The same into an array of its own.</summary>
    public float[] ReadPixelValues(MLVideo video, VideoNotes notes, CancellationToken cancellationToken)
    {
        float[] pixelValues = GC.AllocateUninitializedArray<float>(ClipLength); // All of it is written.
        ReadPixelValues(video, pixelValues, notes, cancellationToken);
        return pixelValues;
    }

    /// <summary>
    /// Decodes all views of a video, or gives false where it cannot be read and the policy is to skip it, with a warning.
    /// </summary>
    /// <param name="video">The video, or its pixel values.</param>
    /// <param name="ahead">Where its frames may be; null where they are not.</param>
    /// <param name="pixelValues">Receives [views, T, C, H, W].</param>
    /// <param name="channel">Gets the warning.</param>
    /// <param name="notes">Gets what a user should know of a video that can be read.</param>
    /// <param name="cancellationToken">Stops decoding.</param>
    public bool TryReadViews(MLVideo video, ReadAhead? ahead, Span<float> pixelValues, IChannel channel, VideoNotes notes,
        CancellationToken cancellationToken)
    {
        try
        {
            ReadViews(video, ahead, pixelValues, notes, cancellationToken);
            return true;
        }
        catch (VideoReadException e) when (Settings.OnVideoError == VideoErrorPolicy.Skip)
        {
            channel.Warning($"A row gets no scores: {e.Message}");
            return false;
        }
    }

    /// <summary>The outputs for one video; not a number where it cannot be read and is passed over.</summary>
    public float[] Score(MLVideo video, IChannel channel)
    {
        int views = video.PixelValues is null ? Views.Count : Views.CountOfProcessed;
        float[] pixelValues = ArrayPool<float>.Shared.Rent(checked(views * ClipLength));
        try
        {
            var used = new ArraySegment<float>(pixelValues, 0, views * ClipLength);
            var notes = new VideoNotes();
            bool isRead = TryReadViews(video, null, used, channel, notes, CancellationToken.None);
            notes.Report(text => channel.Warning(text));
            return isRead ? ScoreRows(used, views)[0] : Missing();
        }
        finally
        {
            ArrayPool<float>.Shared.Return(pixelValues);
        }
    }

    /// <summary>The outputs for some rows, averaged over the views of each.</summary>
    /// <param name="pixelValues">[rows, views, T, C, H, W].</param>
    /// <param name="views">The number of views of a row.</param>
    public float[][] ScoreRows(ArraySegment<float> pixelValues, int views)
    {
        int clips = pixelValues.Count / ClipLength;
        var outputs = new List<float[]>(clips);
        for (int at = 0; at < clips; at += BatchSize)
        {
            int count = Math.Min(BatchSize, clips - at);
            outputs.AddRange(Score(pixelValues.Slice(at * ClipLength, count * ClipLength), count));
        }

        return [.. outputs.Chunk(views).Select(Mean)];
    }

    /// <summary>What a row gets whose video cannot be read: not a number, for every output.</summary>
    public float[] Missing()
    {
        var scores = new float[OutputLength];
        Array.Fill(scores, float.NaN);
        return scores;
    }

    /// <summary>A batch on the device, [B, T, C, H, W]; on the CPU it shares the array, which has to stay as it is meanwhile.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], and what else there is room for.</param>
    /// <param name="count">B.</param>
    public Tensor ToTensor(ArraySegment<float> pixelValues, int count) =>
        ArrayTensors
            .Share(pixelValues, count, Config.NumFrames, Config.NumChannels, Config.ImageSize.Height, Config.ImageSize.Width)
            .to(Device);

    public virtual void Dispose()
    {
        Weights.Dispose();
        Interlocked.Exchange(ref _memory, null)?.Dispose();
    }

    /// <summary>The read of a video in a pass over data; null if its frames are there. Frames that are kept own their memory.</summary>
    private PlannedRead? Plan(MLVideo video, FrameSampler sampler)
    {
        if (video.PixelValues is not null)
            return null;
        VideoReader reader = VideoReader.Default;
        FrameRequest request = FrameRequest.ForSampler(sampler, random: null, reader.KeepsFrames ? null : new FrameMemory());
        return reader.Keeps(video, request, ReadOptions) ? null : new PlannedRead(video, request);
    }

    private FrameSampler ViewSampler => Views.Clips == 1 ? Sampler : new MultiViewFrameSampler(Sampler, Views.Clips);

    private VideoFrames Read(MLVideo video, ReadAhead? ahead, FrameSampler sampler, FrameMemory memory, VideoNotes notes,
        CancellationToken cancellationToken)
    {
        VideoFrames frames = ahead is null
            ? VideoReader.Default.Read(video, sampler, memory, ReadOptions, cancellationToken: cancellationToken)
            : ReadToKeep(video, ahead.Value, sampler, memory, cancellationToken);
        notes.Add(video, frames);
        return frames;
    }

    /// <summary>Reads frames in a pass over data: another pass, as an evaluation after a transform, does not decode them again.</summary>
    private VideoFrames ReadToKeep(
        MLVideo video, ReadAhead ahead, FrameSampler sampler, FrameMemory memory, CancellationToken cancellationToken)
    {
        VideoReader reader = VideoReader.Default;
        VideoReadOptions options = ReadOptions;
        if (reader.ReadKept(video, sampler, memory, options) is VideoFrames kept)
            return kept;
        if (!reader.KeepsFrames)
        {
            return ahead.Take(memory, cancellationToken)
                ?? reader.Read(video, sampler, memory, options, cancellationToken: cancellationToken);
        }

        VideoFrames frames = ahead.Take(null, cancellationToken)
            ?? reader.Read(video, sampler, options, cancellationToken: cancellationToken);
        return reader.Keep(video, FrameRequest.ForSampler(sampler, random: null), options, frames).Use();
    }

    private void ReadViews(
        MLVideo video, ReadAhead? ahead, Span<float> pixelValues, VideoNotes notes, CancellationToken cancellationToken)
    {
        if (Views.Count == 1)
        {
            ReadPixelValues(video, ahead, pixelValues, notes, cancellationToken);
        }
        else if (video.PixelValues is float[] processed)
        {
            Views.OfProcessed(processed, Config.ImageSize.Width, pixelValues);
        }
        else
        {
            using var memory = new FrameMemory();
            Views.Make(Read(video, ahead, ViewSampler, memory, notes, cancellationToken), Processor, ClipLength, pixelValues);
        }
    }

    private static float[] Mean(float[][] views)
    {
        float[] mean = views[0];
        if (views.Length == 1)
            return mean;
        foreach (float[] view in views.AsSpan(1))
            TensorPrimitives.Add(mean, view, mean);
        TensorPrimitives.Divide(mean, views.Length, mean);
        return mean;
    }
}
