// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>A VideoMAE encoder with a linear head over the mean of its tokens (or over the first one): clips to class scores.</summary>
public sealed class VideoMaeForVideoClassification : VideoMaePreTrainedModel
{
    private readonly LayerNormalization? _norm;
    private readonly AttentivePooler? _pooler;
    private readonly Dense _classifier;

    internal const string PoolerName = "attentive_pooler";

    private double _headDropout;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <param name="initScale">A factor for the head's initial weights. The default value is 1; the original recipe uses 0.001.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeForVideoClassification(VideoMaeConfig config, Generator? generator = null, double initScale = 1) : this(config, random: null) =>
        InitWeights(generator, initScale);

    internal VideoMaeForVideoClassification(VideoMaeConfig config, Stochasticity? random) : base(nameof(VideoMaeForVideoClassification), config, random)
    {
        Encoder = Add("videomae", new VideoMaeModel(config, Random, Checkpoints));
        if (config.UseAttentivePooling)
            _pooler = Add(PoolerName, new AttentivePooler(config));
        else if (config.UseMeanPooling)
            _norm = Add("fc_norm", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
        _classifier = Add("classifier", new Dense(config.HiddenSize, config.NumLabels));
    }

    /// <summary>Loads a checkpoint: a folder of Hugging Face's, a .safetensors file, a .bin or .pth file of PyTorch's (Hugging Face's names or the original's), or a hub id.</summary>
    /// <param name="pathOrId">The path, or an id like <c>MCG-NJU/videomae-base</c>; an existing path wins.</param>
    /// <param name="dtype">The type to compute in; null means Float32.</param>
    /// <param name="attnImplementation">How attention is computed.</param>
    /// <param name="device">Where the model lives; null means the CPU.</param>
    /// <param name="options">What the checkpoint is loaded as, where that is not just what it is.</param>
    /// <returns>The model, in evaluation mode; <see cref="VideoMaePreTrainedModel.LoadReport"/> says what was loaded.</returns>
    /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="HubException">The id's files cannot be had from the hub or its cache.</exception>
    /// <exception cref="System.IO.InvalidDataException">It is damaged, or does not hold a complete encoder of this configuration.</exception>
    public static VideoMaeForVideoClassification FromPretrained(
        string pathOrId, ScalarType? dtype = null, AttentionImplementation attnImplementation = AttentionImplementation.Sdpa, Device? device = null, PretrainedOptions? options = null) =>
        PretrainedLoader.Load(pathOrId, ModelKind.Classification, config => new VideoMaeForVideoClassification(config, random: null) { AttentionImplementation = attnImplementation }, dtype, device, options);

    /// <summary>The encoder.</summary>
    public VideoMaeModel Encoder { get; }

    /// <inheritdoc/>
    public override double DropPathRate
    {
        get => Encoder.DropPathRate;
        set => Encoder.DropPathRate = value;
    }

    /// <summary>Dropout of the features in front of the head, in training. The default value is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not at least 0 and below 1.</exception>
    public double HeadDropout
    {
        get => _headDropout;
        set => _headDropout = CheckProbability(value, nameof(HeadDropout));
    }

    internal override ModelKind Kind => ModelKind.Classification;

    /// <summary>Scores clips.</summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <param name="labels">
    /// Class indices [B] (-100 is ignored); for a multi-label problem 0 or 1 in [B, num_labels]; for regression [B] or [B, num_labels]; null gives no loss.
    /// </param>
    /// <param name="outputHiddenStates">Whether to return the hidden state after every block.</param>
    /// <param name="outputAttentions">Whether to return attention probabilities; uses the explicit path.</param>
    /// <returns>Logits and loss; they belong to the dispose scope of the caller.</returns>
    /// <exception cref="ArgumentException">A tensor's shape, type or label does not fit the configuration.</exception>
    public VideoMaeClassificationOutput forward(Tensor pixelValues, Tensor? labels = null, bool outputHiddenStates = false, bool outputAttentions = false)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        VideoMaeModelOutput encoded = Encoder.Encode(pixelValues, null, AttentionImplementation, outputHiddenStates, outputAttentions);
        Tensor logits = Classify(encoded.LastHiddenState);
        Tensor? loss = labels is null ? null : ClassificationLoss.Compute(logits, labels, Config);
        VideoMaeClassificationOutput output = new(loss, logits, encoded.HiddenStates, encoded.Attentions);
        output.MoveToOuterScope();
        return output;
    }

    /// <summary>
    /// The features the head sees (before head dropout), [B, D]: the normalised mean of all tokens, the first token, or what the attentive
    /// pooler makes of them.
    /// </summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <exception cref="ArgumentException">The shape or type does not fit the configuration.</exception>
    public Tensor Features(Tensor pixelValues)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        return Pool(Encoder.Encode(pixelValues, null, AttentionImplementation, false, false).LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>The encoder's tokens, [B, N, D], for clips [B, T, C, H, W].</summary>
    internal Tensor Tokens(Tensor pixelValues)
    {
        ModelInputs.CheckPixelValues(pixelValues, Config);
        return Encoder.Encode(pixelValues, null, AttentionImplementation, false, false).LastHiddenState;
    }

    /// <summary>The scores, [B, K], for tokens [B, N, D] or pooled features [B, D].</summary>
    internal Tensor Classify(Tensor features) =>
        _classifier.Forward(Random.Dropout(features.dim() == 3 ? Pool(features) : features, training ? HeadDropout : 0)).to(_classifier.Weight.dtype);

    private Tensor Pool(Tensor tokens) => _pooler is not null ? _pooler.Forward(tokens) : _norm is null ? tokens.select(1, 0) : _norm.Forward(tokens.mean([1])); // [B, N, D] -> [B, D]
}
