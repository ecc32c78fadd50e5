// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>A classifier, a regressor, or a frozen encoder.</summary>
internal sealed partial class ClassifierScorer : ClipScorer
{
    private readonly Lazy<IClipEncoder>[] _encoders;

    public ClassifierScorer(VideoMaeForVideoClassification model, VideoMaeImageProcessor processor, FrameSampler sampler, Device device,
        VideoErrorPolicy onVideoError, ScoringViews? views = null, int? featureLayer = null)
        : base(model.Config, processor, sampler, device, onVideoError, views ?? ScoringViews.One)
    {
        Model = model;
        FeatureLayer = featureLayer;
        CountMemory();
        // Made when first needed: a model that is only trained or saved has none.
        _encoders = [.. Enum.GetValues<ComputePrecision>().Select(precision => new Lazy<IClipEncoder>(() => ClipEncoder.Create(model, device, precision, text => Warn?.Invoke(text))))];
    }

    public VideoMaeForVideoClassification Model { get; }

    public override VideoMaePreTrainedModel Weights => Model;

    /// <summary>The block whose mean token is the output, from 1, or 0 for the last one with what normalises it; null where the output is that of the head.</summary>
    public int? FeatureLayer { get; }

    /// <summary>How weights are saved.</summary>
    public WeightStorage Storage { get; init; }

    /// <inheritdoc/>
    public override ComputePrecision Precision { get; set; }

    /// <summary>The number of values for a clip.</summary>
    public override int OutputLength => FeatureLayer is null ? Config.NumLabels : Config.HiddenSize;

    /// <summary>The class probabilities of a batch, or the one output that a model has.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are scored.</param>
    /// <param name="count">B.</param>
    public override float[][] Score(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = ToTensor(pixelValues, count); // [B, T, C, H, W]
        Tensor outputs = FeatureLayer is int layer ? MeanToken(clips, layer) : Outputs(clips); // [B, D] or [B, classes]
        return [.. outputs.cpu().data<float>().ToArray().Chunk(OutputLength)];
    }

    /// <summary>The output for one view of a video, the share of every token in it, and the first frame of every tubelet, RGB.</summary>
    public (float[] Scores, float[] Shares, byte[][] Frames) Explain(MLVideo video)
    {
        float[] pixelValues = ReadPixelValues(video, new VideoNotes(), CancellationToken.None);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        VideoMaeClassificationOutput output = Model.forward(ToTensor(pixelValues, 1), outputAttentions: true);
        int frame = ClipLength / Config.NumFrames;
        byte[][] frames = [.. Enumerable.Range(0, Config.NumFrames / Config.TubeletSize)
            .Select(t => Processor.ToBytes(pixelValues.AsSpan(t * Config.TubeletSize * frame, frame)))];
        return (OutputActivations.Of(Config).Apply(output.Logits).cpu().data<float>().ToArray(), AttentionRollout.Compute(output.Attentions!), frames);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Lazy<IClipEncoder> encoder in _encoders.Where(encoder => encoder.IsValueCreated))
            encoder.Value.Dispose();
        base.Dispose();
    }

    private IClipEncoder Encoder => _encoders[(int)Precision].Value;

    private Tensor Outputs(Tensor clips) => OutputActivations.Of(Config).Apply(Model.Classify(Encoder.Tokens(clips)));

    private Tensor MeanToken(Tensor clips, int layer) => Encoder.Tokens(clips, layer == 0 ? null : layer).mean([1]);
}
