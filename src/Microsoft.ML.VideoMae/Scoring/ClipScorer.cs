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
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>A model with all it needs to give videos numbers: frame sampling, image processor, weights and device.</summary>
/// <remarks>Reading and scoring may be called from several threads at once.</remarks>
internal abstract class ClipScorer : IDisposable
{
    /// <summary>Tokens that a batch of clips may have in all: beyond it a batch costs memory and is no faster on a CPU.</summary>
    private const int TokensPerBatch = 16384;

    private const int LargestBatch = 32;

    private protected ClipScorer(VideoMaeConfig config, VideoMaeImageProcessor processor, FrameSampler sampler, Device device, VideoErrorPolicy onVideoError, ScoringViews views)
    {
        Config = config;
        Views = views;
        OnVideoError = onVideoError;
        Processor = processor;
        Sampler = sampler;
        Device = device;
        ClipLength = Config.NumFrames * Config.NumChannels * Config.ImageSize.Height * Config.ImageSize.Width;
        BatchSize = Math.Clamp(TokensPerBatch / Config.NumPatches, 1, LargestBatch);
    }

    /// <summary>The weights.</summary>
    public abstract VideoMaePreTrainedModel Weights { get; }

    public VideoMaeConfig Config { get; }

    public VideoMaeImageProcessor Processor { get; }

    public FrameSampler Sampler { get; }

    public Device Device { get; }

    public VideoErrorPolicy OnVideoError { get; }

    /// <summary>How videos are looked at.</summary>
    public ScoringViews Views { get; }

    /// <summary>What the model says of itself; null where it was not trained here, or by an earlier version.</summary>
    public VideoMaeModelCard? Card { get; set; }

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
    public abstract float[][] Score(float[] pixelValues, int count);

    /// <summary>Writes the scorer into a model.</summary>
    public abstract void Save(ModelSaveContext ctx);

    /// <summary>Decodes a video the way scoring with one view does it: deterministic frames, the processor's exact arithmetic.</summary>
    /// <returns>[T, C, H, W].</returns>
    public float[] ReadPixelValues(MLVideo video, CancellationToken cancellationToken)
    {
        if (video.PixelValues is float[] processed)
            return processed;
        VideoFrames frames = VideoReader.Default.Read(video, Sampler, cancellationToken: cancellationToken);
        float[] pixelValues = GC.AllocateUninitializedArray<float>(ClipLength); // All of it is written.
        Processor.Process(frames, pixelValues);
        return pixelValues;
    }

    private float[] ReadViews(MLVideo video, CancellationToken cancellationToken)
    {
        if (Views.Count == 1)
            return ReadPixelValues(video, cancellationToken);
        if (video.PixelValues is float[] processed)
            return Views.OfProcessed(processed, Config.ImageSize.Width);
        FrameSampler sampler = Views.Clips == 1 ? Sampler : new MultiViewFrameSampler(Sampler, Views.Clips);
        return Views.Make(VideoReader.Default.Read(video, sampler, cancellationToken: cancellationToken), Processor, ClipLength);
    }

    /// <summary>Decodes all views of a video, or gives null where it cannot be read and the policy is to skip it, with a warning.</summary>
    public float[]? TryReadPixelValues(MLVideo video, IChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            return ReadViews(video, cancellationToken);
        }
        catch (VideoReadException e) when (OnVideoError == VideoErrorPolicy.Skip)
        {
            channel.Warning($"A row gets no scores: {e.Message}");
            return null;
        }
    }

    /// <summary>The outputs for some clips; not a number for clips that are null.</summary>
    /// <param name="clips">Each [views, T, C, H, W]; the outputs for the views of a clip are averaged.</param>
    public float[][] Score(IReadOnlyList<float[]?> clips)
    {
        float[][] known = [.. clips.OfType<float[]>()];
        var views = new Queue<float[]>();
        if (known.Length == 1 && known[0].Length == ClipLength)
            views.Enqueue(Score(known[0], 1)[0]);
        else
            ScoreBatches(known, views);
        return [.. clips.Select(clip => clip is null ? Missing() : Mean(views, clip.Length / ClipLength))];
    }

    private void ScoreBatches(float[][] clips, Queue<float[]> outputs)
    {
        // A new array for every batch, of many megabytes, costs a collection of everything now and then.
        int capacity = Math.Min(BatchSize, clips.Sum(clip => clip.Length / ClipLength));
        float[] batch = ArrayPool<float>.Shared.Rent(capacity * ClipLength);
        int pending = 0;
        foreach (float[] clip in clips)
        {
            for (int at = 0; at < clip.Length; at += ClipLength)
            {
                clip.AsSpan(at, ClipLength).CopyTo(batch.AsSpan(pending * ClipLength));
                if (++pending == capacity)
                    Flush();
            }
        }

        if (pending > 0)
            Flush();
        ArrayPool<float>.Shared.Return(batch);

        void Flush()
        {
            foreach (float[] output in Score(batch, pending))
                outputs.Enqueue(output);
            pending = 0;
        }
    }

    private static float[] Mean(Queue<float[]> views, int count)
    {
        float[] mean = views.Dequeue();
        if (count == 1)
            return mean;
        for (int view = 1; view < count; view++)
            TensorPrimitives.Add(mean, views.Dequeue(), mean);
        TensorPrimitives.Divide(mean, count, mean);
        return mean;
    }

    private float[] Missing()
    {
        var scores = new float[OutputLength];
        Array.Fill(scores, float.NaN);
        return scores;
    }

    /// <summary>A batch on the device, [B, T, C, H, W]; on the CPU it shares the array's memory, which has to stay as it is meanwhile.</summary>
    public Tensor ToTensor(float[] pixelValues, int count)
    {
        // The array may have room for more clips than there are; the tensor shares its memory.
        Tensor batch = tensor(pixelValues.AsMemory(0, count * ClipLength),
            [count, Config.NumFrames, Config.NumChannels, Config.ImageSize.Height, Config.ImageSize.Width]);
        return batch.to(Device);
    }

    public virtual void Dispose() => Weights.Dispose();
}
