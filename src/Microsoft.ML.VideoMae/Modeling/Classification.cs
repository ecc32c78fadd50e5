// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

// The classifier in one read. In shapes, K are the classes; the other letters are those of VideoMae.cs.

/// <summary>
/// One learned query that attends to all tokens: a weighted mean whose weights are learned, head by head (the attentive probe of V-JEPA,
/// Bardes et al., 2024, arXiv:2404.08471, without its feed-forward layer).
/// </summary>
internal sealed class AttentivePooler : ModelModule
{
    private readonly int _heads;

    internal AttentivePooler(VideoMaeConfig config) : base(nameof(AttentivePooler))
    {
        _heads = config.NumAttentionHeads;
        AddParameter("query", 0, 1, config.HiddenSize);
        NormBefore = Add("layernorm_before", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
        Key = Add("key", new Dense(config.HiddenSize, config.HiddenSize));
        Value = Add("value", new Dense(config.HiddenSize, config.HiddenSize));
        Output = Add("output", new Dense(config.HiddenSize, config.HiddenSize));
        NormAfter = Add("layernorm_after", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
    }

    /// <summary>The learned query, [1, D].</summary>
    internal Parameter Query => Get("query");

    internal LayerNormalization NormBefore { get; }

    internal Dense Key { get; }

    internal Dense Value { get; }

    internal Dense Output { get; }

    internal LayerNormalization NormAfter { get; }

    /// <summary>[B, N, D] to [B, D].</summary>
    internal Tensor Forward(Tensor tokens)
    {
        Tensor normalized = NormBefore.Forward(tokens);                                // [B, N, D]
        Tensor query = Split(Factor(Query).expand(tokens.shape[0], -1, -1));           // [B, heads, 1, D / heads]
        Tensor key = Split(Key.Forward(normalized));                                   // [B, heads, N, D / heads]
        Tensor value = Split(Value.Forward(normalized));
        Tensor pooled = nn.functional.scaled_dot_product_attention(query, key, value); // [B, heads, 1, D / heads]
        return NormAfter.Forward(Output.Forward(pooled.flatten(1)));
    }

    /// <summary>[B, n, D] to [B, heads, n, D / heads].</summary>
    private Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
}

/// <summary>A VideoMAE encoder with a linear head over the mean of its tokens (or over the first one): clips to class scores.</summary>
public sealed class VideoMaeForVideoClassification : VideoMaePreTrainedModel
{
    internal const string PoolerName = "attentive_pooler";

    private double _headDropout;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <param name="initScale">A factor for the head's initial weights. The default value is 1; the original recipe uses 0.001.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeForVideoClassification(VideoMaeConfig config, Generator? generator = null, double initScale = 1)
        : this(config, random: null) => InitWeights(generator, initScale);

    internal VideoMaeForVideoClassification(VideoMaeConfig config, Stochasticity? random)
        : base(nameof(VideoMaeForVideoClassification), config, random)
    {
        Encoder = Add("videomae", new VideoMaeModel(config, Random, WayBack));
        if (config.UseAttentivePooling)
            Pooler = Add(PoolerName, new AttentivePooler(config));
        else if (config.UseMeanPooling && !config.UseCellPooling)
            Norm = Add("fc_norm", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
        Head = Add("classifier", new Dense(FeatureLength, config.NumLabels));
    }

    /// <summary>The encoder.</summary>
    public VideoMaeModel Encoder { get; }

    /// <summary>What makes features of tokens by attention; null where it is another way.</summary>
    internal AttentivePooler? Pooler { get; }

    /// <summary>What normalises the mean of tokens; null where features are something else.</summary>
    internal LayerNormalization? Norm { get; }

    /// <summary>Features to scores.</summary>
    internal Dense Head { get; }

    /// <summary>The number of features that the head sees.</summary>
    internal int FeatureLength => Config.UseCellPooling ? CellPooling.Length(Config) : Config.HiddenSize;

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

    private protected override VideoMaePreTrainedModel CreateLikeThis() =>
        new VideoMaeForVideoClassification(Config, random: null) { HeadDropout = HeadDropout };

    /// <summary>Scores clips.</summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <param name="labels">
    /// Class indices [B] (-100 is ignored); for a multi-label problem 0 or 1 in [B, num_labels]; for regression [B] or [B, num_labels];
    /// null gives no loss.
    /// </param>
    /// <param name="outputHiddenStates">Whether to return the hidden state after every block.</param>
    /// <param name="outputAttentions">Whether to return attention probabilities; uses the explicit path.</param>
    /// <returns>Logits and loss; they belong to the dispose scope of the caller.</returns>
    /// <exception cref="ArgumentException">A tensor's shape, type or label does not fit the configuration.</exception>
    public VideoMaeClassificationOutput forward(
        Tensor pixelValues, Tensor? labels = null, bool outputHiddenStates = false, bool outputAttentions = false)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        VideoMaeModelOutput encoded = Encoder.Encode(
            pixelValues, null, AttentionImplementation, outputHiddenStates || Config.UseCellPooling, outputAttentions);
        Tensor logits = Classify(Config.UseCellPooling ? Cells(encoded) : encoded.LastHiddenState);
        Tensor? loss = labels is null ? null : ClassificationLoss.Compute(logits, labels, Config);
        VideoMaeClassificationOutput output = new(loss, logits, outputHiddenStates ? encoded.HiddenStates : null, encoded.Attentions);
        output.MoveToOuterScope();
        return output;
    }

    /// <summary>
    /// The features the head sees (before head dropout), [B, D]: the normalised mean of all tokens, the mean of normalised tokens, the
    /// first token, or what the attentive pooler makes of them; with <see cref="VideoMaeConfig.UseCellPooling"/> 24 D values.
    /// </summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <exception cref="ArgumentException">The shape or type does not fit the configuration.</exception>
    public Tensor Features(Tensor pixelValues)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        VideoMaeModelOutput encoded = Encoder.Encode(pixelValues, null, AttentionImplementation, Config.UseCellPooling, false);
        return (Config.UseCellPooling ? Cells(encoded) : Pool(encoded.LastHiddenState)).MoveToOuterDisposeScope();
    }

    /// <summary>The encoder's tokens, [B, N, D], for clips [B, T, C, H, W].</summary>
    internal Tensor Tokens(Tensor pixelValues)
    {
        ModelInputs.CheckPixelValues(pixelValues, Config);
        return Encoder.Encode(pixelValues, null, AttentionImplementation, false, false).LastHiddenState;
    }

    /// <summary>The scores, [B, K], for tokens [B, N, D] or pooled features [B, D].</summary>
    internal Tensor Classify(Tensor features)
    {
        Tensor pooled = features.dim() == 3 ? Pool(features) : features;
        return Head.Forward(Random.Dropout(pooled, training ? HeadDropout : 0)).to(Head.Weight.dtype);
    }

    /// <summary>The features that keep place and change, [B, 24 D].</summary>
    private Tensor Cells(VideoMaeModelOutput encoded) =>
        CellPooling.Apply(encoded.HiddenStates!.Reverse().Take(CellPooling.Blocks(Config)), Config);

    /// <summary>[B, N, D] to [B, D].</summary>
    private Tensor Pool(Tensor tokens) => Pooler is not null ? Pooler.Forward(tokens)
        : Norm is not null ? Norm.Forward(tokens.mean([1]))
        : Config.UseNormedMeanPooling ? tokens.mean([1])
        : tokens.select(1, 0);
}

/// <summary>The three losses of a classifier, chosen as Hugging Face's library chooses them; computed in float32 at least.</summary>
internal static class ClassificationLoss
{
    private const long IgnoreIndex = -100;

    internal static Tensor Compute(Tensor logits, Tensor labels, VideoMaeConfig config)
    {
        Tensor scores = logits.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? logits.to(ScalarType.Float32) : logits; // [B, K]
        VideoMaeProblemType type = config.ProblemType
            ?? (config.NumLabels == 1 ? VideoMaeProblemType.Regression
                : is_integral(labels.dtype) ? VideoMaeProblemType.SingleLabelClassification : VideoMaeProblemType.MultiLabelClassification);
        return type switch
        {
            VideoMaeProblemType.SingleLabelClassification =>
                nn.functional.cross_entropy(scores, Indices(labels, scores.shape).to(scores.device), ignore_index: IgnoreIndex),
            VideoMaeProblemType.MultiLabelClassification => nn.functional.binary_cross_entropy_with_logits(scores, Values(labels, scores)),
            _ => nn.functional.mse_loss(scores, Values(labels, scores)),
        };
    }

    private static Tensor Indices(Tensor labels, long[] logits)
    {
        if (!is_integral(labels.dtype) || labels.numel() != logits[0])
        {
            throw new ArgumentException(
                $"Labels of type {labels.dtype} and shape {ModelInputs.Text(labels.shape)} were given; "
                + $"single-label classification takes {logits[0]} class indices.", nameof(labels));
        }

        Tensor indices = labels.reshape(-1).to(ScalarType.Int64);
        long[] values = indices.cpu().data<long>().ToArray();
        long wrong = values.FirstOrDefault(index => index != IgnoreIndex && (index < 0 || index >= logits[1]), IgnoreIndex);
        if (wrong != IgnoreIndex)
        {
            throw new ArgumentException(
                $"The label {wrong} was given; a model of {logits[1]} classes takes 0 to {logits[1] - 1}, "
                + $"or {IgnoreIndex} for a clip to ignore.", nameof(labels));
        }

        return indices;
    }

    private static Tensor Values(Tensor labels, Tensor scores)
    {
        bool column = scores.shape[1] == 1 && labels.numel() == scores.shape[0];
        if (!column && !labels.shape.SequenceEqual(scores.shape))
        {
            throw new ArgumentException(
                $"Labels of shape {ModelInputs.Text(labels.shape)} were given; "
                + $"they must be {ModelInputs.Text(scores.shape)}, one value for every output.", nameof(labels));
        }

        return labels.reshape(scores.shape).to(scores.dtype, scores.device);
    }
}
