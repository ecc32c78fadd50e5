// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

// The encoder in one read, from pixels to tokens. In shapes, B are the clips of a batch, T frames, C channels, H and W pixels; t, h and w
// are the sides of a patch and P = C t h w its pixels; N are the tokens of a clip, n those that are visible, D their width.

/// <summary>Cuts clips into space-time patches.</summary>
internal static class Patches
{
    /// <summary>
    /// [B, T, C, H, W] to [B, N, C * t * h * w], in the order of the kernel of a 3-D convolution, so that the patch embedding is one
    /// matrix product. Frames beyond the last whole tubelet are left out, as the convolution of the reference does.
    /// </summary>
    internal static Tensor ForProjection(Tensor pixelValues, VideoMaeConfig config) =>
        Split(pixelValues, config)            // [B, T/t, t, C, H/h, h, W/w, w]
            .permute(0, 1, 4, 6, 3, 2, 5, 7)  // [B, T/t, H/h, W/w, C, t, h, w]
            .flatten(4).flatten(1, 3);        // [B, N, P]

    /// <summary>What the patch embedding multiplies: the same, or [B, N, 2 P] with what differs from the mean of the clip's frames.</summary>
    internal static Tensor ForEmbedding(Tensor pixelValues, VideoMaeConfig config) => !config.UseMeanFrameDifference
        ? ForProjection(pixelValues, config)
        : ForProjection(cat([pixelValues, pixelValues - pixelValues.mean([1], keepdim: true)], 2), config); // Of [B, T, 2 C, H, W].

    /// <summary>[B, T, C, H, W] to [B, N, t * h * w, C]: the order of reconstruction targets and decoder outputs.</summary>
    internal static Tensor ForReconstruction(Tensor pixelValues, VideoMaeConfig config) =>
        Split(pixelValues, config)            // [B, T/t, t, C, H/h, h, W/w, w]
            .permute(0, 1, 4, 6, 2, 5, 7, 3)  // [B, T/t, H/h, W/w, t, h, w, C]
            .flatten(4, 6).flatten(1, 3);

    /// <summary>Rows of [B, N, ...] by an index [B, n]: [B, n, ...].</summary>
    internal static Tensor Take(Tensor rows, Tensor index)
    {
        long batch = index.shape[0];
        Tensor sample = KeptScalars.Range(batch, index.device).unsqueeze(1); // [B, 1]
        return rows.index(TensorIndex.Tensor(sample), TensorIndex.Tensor(index));
    }

    private static Tensor Split(Tensor pixelValues, VideoMaeConfig config)
    {
        long whole = (long)config.NumTubelets * config.TubeletSize;
        Tensor frames = pixelValues.shape[1] == whole ? pixelValues : pixelValues.narrow(1, 0, whole);
        return frames.reshape(
            pixelValues.shape[0], config.NumTubelets, config.TubeletSize, pixelValues.shape[2],
            config.PatchGrid.Height, config.PatchSize.Height, config.PatchGrid.Width, config.PatchSize.Width);
    }
}

/// <summary>Pixels to tokens: a linear map of every patch plus the fixed position table.</summary>
internal sealed class Embeddings : ModelModule
{
    private readonly VideoMaeConfig _config;

    internal Embeddings(VideoMaeConfig config) : base(nameof(Embeddings))
    {
        _config = config;
        Positions = new PositionTable(config, config.HiddenSize);
        // A 3-D convolution whose stride is its kernel, as the matrix product it is.
        Projection = Add("patch_embeddings.projection", new Dense(
            [config.HiddenSize, config.EmbeddedChannels, config.TubeletSize, config.PatchSize.Height, config.PatchSize.Width]));
    }

    internal Dense Projection { get; }

    internal PositionTable Positions { get; }

    /// <summary>
    /// Pixel values [B, T, C, H, W] to tokens [B, N, D], or only the visible ones [B, n, D] where their index [B, n] is given: what is
    /// masked is not even embedded.
    /// </summary>
    internal Tensor Forward(Tensor pixelValues, Tensor? visible)
    {
        Tensor patches = Patches.ForEmbedding(pixelValues, _config);  // [B, N, P]
        Tensor positions = Positions.As(Projection.Weight);           // [N, D]
        if (visible is not null)
        {
            patches = Patches.Take(patches, visible);                 // [B, n, P]
            positions = positions[visible];                           // [B, n, D]
        }

        return Projection.Forward(patches.to(Projection.Weight.dtype)).Plus(positions);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Positions.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Multi-head self-attention with biases on queries and values only.</summary>
internal sealed class SelfAttention : ModelModule
{
    private readonly Stochasticity _random;
    private readonly int _heads;
    private readonly bool _hasBias;
    private readonly double _dropout;
    private readonly Dense _query;
    private readonly Dense _key;
    private readonly Dense _value;

    internal SelfAttention(VideoMaeConfig config, Stochasticity random) : base(nameof(SelfAttention))
    {
        _random = random;
        _heads = config.NumAttentionHeads;
        _hasBias = config.QkvBias;
        _dropout = config.AttentionProbsDropoutProb;
        _query = Add("query", new Dense(config.HiddenSize, config.HiddenSize, bias: false));
        _key = Add("key", new Dense(config.HiddenSize, config.HiddenSize, bias: false));
        _value = Add("value", new Dense(config.HiddenSize, config.HiddenSize, bias: false));
        if (!_hasBias)
            return;
        AddParameter("q_bias", 0, config.HiddenSize);
        AddParameter("v_bias", 0, config.HiddenSize);
    }

    /// <summary>
    /// The weights of queries, keys and values below each other, [3 D, D]: one product instead of three. Joining them costs far less than
    /// it saves.
    /// </summary>
    internal Tensor JoinedWeight() => cat([_query.Weight, _key.Weight, _value.Weight]);

    /// <summary>Their biases, [3 D], that of the keys being 0; null for none.</summary>
    internal Tensor? JoinedBias() =>
        _hasBias ? cat([Get("q_bias"), zeros_like(Get("q_bias"), requires_grad: false), Get("v_bias")]) : null;

    /// <summary>[B, N, D] to [B, N, D]; the attention probabilities [B, heads, N, N] on request.</summary>
    internal (Tensor Context, Tensor? Probabilities) Forward(
        Tensor x, AttentionImplementation implementation, bool outputAttentions, BlockProducts? products, BlockAttention? attention)
    {
        Tensor weight = JoinedWeight();                                         // [3 D, D]
        Tensor? bias = JoinedBias();                                            // [3 D]
        Tensor joined = products is not null                                    // [B, N, 3 D]
            ? products.Linear(x, weight, bias)
            : nn.functional.linear(Factor(x), Factor(weight), bias is null ? null : Factor(bias));
        joined = joined.view(x.shape[0], x.shape[1], 3, _heads, -1);            // [B, N, 3, heads, D / heads]
        double dropout = training ? _dropout : 0;
        bool isPlain = implementation == AttentionImplementation.Sdpa && !outputAttentions && dropout == 0;
        if (isPlain && attention is not null)
            return (attention.Attend(joined), null);
        Tensor[] parts = joined.permute(2, 0, 3, 1, 4).unbind(0);               // 3 of [B, heads, N, D / heads]
        (Tensor query, Tensor key, Tensor value) = (parts[0], parts[1], parts[2]);
        Tensor context;                                                         // [B, heads, N, D / heads]
        Tensor? probabilities = null;
        if (isPlain && !AttentionProducts.PayInTraining(query))
            context = nn.functional.scaled_dot_product_attention(query, key, value);
        else
            (context, probabilities) = Explicit(query, key, value, dropout);
        return (context.transpose(1, 2).flatten(2), outputAttentions ? probabilities : null);
    }

    private (Tensor Context, Tensor Probabilities) Explicit(Tensor query, Tensor key, Tensor value, double dropout)
    {
        double scale = 1 / Math.Sqrt(query.shape[^1]);
        Tensor probabilities = query.Times(scale).matmul(key.transpose(-1, -2)).softmax(-1); // [B, heads, N, N]
        probabilities = _random.Dropout(probabilities, dropout);
        return (probabilities.matmul(value), probabilities);
    }
}

/// <summary>A pre-norm transformer block: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
internal sealed class TransformerBlock : ModelModule
{
    private readonly Stochasticity _random;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly double _dropout;

    internal TransformerBlock(VideoMaeConfig config, Stochasticity random) : base(nameof(TransformerBlock))
    {
        _random = random;
        _activation = Activation.Get(config.HiddenAct);
        _dropout = config.HiddenDropoutProb;
        Attention = Add("attention.attention", new SelfAttention(config, random));
        AttentionOutput = Add("attention.output.dense", new Dense(config.HiddenSize, config.HiddenSize));
        Intermediate = Add("intermediate.dense", new Dense(config.HiddenSize, config.IntermediateSize));
        Output = Add("output.dense", new Dense(config.IntermediateSize, config.HiddenSize));
        NormBefore = Add("layernorm_before", new LayerNormalization(config.HiddenSize, config.LayerNormEps));
        NormAfter = Add("layernorm_after", new LayerNormalization(config.HiddenSize, config.LayerNormEps));
    }

    internal SelfAttention Attention { get; }

    internal Dense AttentionOutput { get; }

    internal Dense Intermediate { get; }

    internal Dense Output { get; }

    /// <summary>In front of the attention.</summary>
    internal LayerNormalization NormBefore { get; }

    /// <summary>Behind the attention, in front of the feed-forward layers.</summary>
    internal LayerNormalization NormAfter { get; }

    /// <summary>The probability with which a sample skips a branch of this block in training.</summary>
    internal double DropPathRate { get; set; }

    /// <summary>[B, N, D] to [B, N, D]; the attention probabilities [B, heads, N, N] on request.</summary>
    /// <param name="x">The tokens; where gradients are recorded of <paramref name="products"/>, the beginning of a graph.</param>
    /// <param name="implementation">How attention is computed.</param>
    /// <param name="outputAttentions">Whether to give the probabilities.</param>
    /// <param name="products">What multiplies in linear layers, in the parameters' own type; null for libtorch.</param>
    /// <param name="attention">What attends where nothing special is asked for; null for libtorch.</param>
    internal (Tensor Hidden, Tensor? Attention) Forward(
        Tensor x, AttentionImplementation implementation, bool outputAttentions, BlockProducts? products = null,
        BlockAttention? attention = null)
    {
        // What autograd does not keep need not live until the step ends.
        using DisposeScope scope = NewDisposeScope();
        (Tensor context, Tensor? probabilities) =
            Attention.Forward(NormBefore.Forward(x), implementation, outputAttentions, products, attention);
        Tensor hidden = Join(x, context, AttentionOutput, products);
        Tensor wide = _activation(Intermediate.Forward(NormAfter.Forward(hidden), products)); // [B, N, 4 D]
        Tensor result = Join(hidden, wide, Output, products);
        return (result.MoveToOuterDisposeScope(), probabilities?.MoveToOuterDisposeScope());
    }

    /// <summary>Adds the end of a branch to what flows past it: x + layer(branch), with what training drops.</summary>
    private Tensor Join(Tensor x, Tensor branch, Dense layer, BlockProducts? products)
    {
        double dropout = training ? _dropout : 0, dropPath = training ? DropPathRate : 0;
        if (products is not null)
            return products.Linear(branch, layer.Weight, layer.Bias, x, _random.BranchMask(x, dropout, dropPath));
        return x.Plus(_random.DropPath(_random.Dropout(layer.Forward(branch), dropout), dropPath));
    }
}

/// <summary>Transformer blocks one after the other, named <c>0</c>, <c>1</c>, ...</summary>
internal sealed class BlockStack : ModelModule
{
    private readonly List<TransformerBlock> _blocks = [];
    private readonly BackwardPass _backward;
    private readonly int _intermediateSize;
    private int _frozen;

    internal BlockStack(VideoMaeConfig config, Stochasticity random, BackwardPass backward) : base(nameof(BlockStack))
    {
        _backward = backward;
        _intermediateSize = config.IntermediateSize;
        for (int i = 0; i < config.NumHiddenLayers; i++)
            _blocks.Add(Add($"{i}", new TransformerBlock(config, random)));
    }

    internal IReadOnlyList<TransformerBlock> Blocks => _blocks;

    /// <summary>Stochastic depth: the rate rises linearly from 0 at the first block to this at the last.</summary>
    internal double DropPathRate
    {
        get => _blocks[^1].DropPathRate;
        set
        {
            for (int i = 0; i < _blocks.Count; i++)
                _blocks[i].DropPathRate = _blocks.Count == 1 || i < _frozen ? 0 : value * i / (_blocks.Count - 1);
        }
    }

    /// <summary>Leaves the first blocks as they are: no gradients, no stochastic depth.</summary>
    internal void Freeze(int blocks)
    {
        _frozen = blocks;
        for (int i = 0; i < _blocks.Count; i++)
        {
            foreach (Parameter parameter in _blocks[i].parameters())
                parameter.requires_grad = i >= blocks;
        }
    }

    /// <summary>Leaves as they are, and drops, what another stack does.</summary>
    internal void Follow(BlockStack other)
    {
        _frozen = other._frozen;
        foreach ((TransformerBlock own, TransformerBlock its) in _blocks.Zip(other._blocks))
            own.DropPathRate = its.DropPathRate;
    }

    /// <summary>
    /// [B, N, D] to [B, N, D]; collects the hidden state before and after every block, and attention maps, where lists are given.
    /// </summary>
    internal Tensor Forward(
        Tensor x, AttentionImplementation implementation, List<Tensor>? hiddenStates = null, List<Tensor>? attentions = null)
    {
        bool isTraining = training && is_grad_enabled(), keepsAll = hiddenStates is not null || attentions is not null;
        if (!training && !is_grad_enabled() && !keepsAll && x.device_type == DeviceType.CPU)
        {
            int atOnce = LayerSize.ClipsAtOnce(x.shape[1], _intermediateSize);
            if (x.shape[0] > atOnce)
                return cat([.. x.split(atOnce).Select(clips => Forward(clips, implementation))]);
        }

        // Who wants gradients outside of training, or of a pass in one piece, goes back by libtorch alone.
        BlockProducts? products = !keepsAll && ProductType is null && (isTraining || !is_grad_enabled()) ? _backward.Products : null;
        BlockAttention? attention = !keepsAll && (isTraining ? _backward.RecomputesAttention : !is_grad_enabled())
            ? BlockAttention.For(_backward, x, ProductType, products) : null;
        if (isTraining && !keepsAll && _backward.IsCheckpointing)
            return Checkpointed(x, implementation, products, attention);
        if (isTraining && keepsAll)
            _backward.LeaveWhole();
        bool isCut = isTraining && !keepsAll && (products is not null || attention is not null || _backward.Completed is not null);
        hiddenStates?.Add(x);
        foreach (TransformerBlock block in _blocks)
        {
            (x, Tensor? probabilities) = block.Forward(
                isCut ? _backward.Cut(x, block) : x, implementation, attentions is not null, products, attention);
            hiddenStates?.Add(x);
            if (probabilities is not null)
                attentions!.Add(probabilities);
        }

        return x;
    }

    private Tensor Checkpointed(
        Tensor x, AttentionImplementation implementation, BlockProducts? products, BlockAttention? attention)
    {
        // No gradients go through frozen blocks at the start.
        int first = x.requires_grad ? 0 : _frozen;
        foreach (TransformerBlock block in _blocks.Take(first))
            x = Run(block, x);
        return first == _blocks.Count ? x : _backward.Checkpoint(x, _blocks.Skip(first), Run);

        Tensor Run(TransformerBlock block, Tensor input) =>
            block.Forward(input, implementation, outputAttentions: false, products, attention).Hidden;
    }
}

/// <summary>The VideoMAE encoder: clips to one vector per space-time patch.</summary>
/// <remarks>
/// Tong et al., "VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video Pre-Training", 2022.
/// </remarks>
public sealed class VideoMaeModel : VideoMaePreTrainedModel
{
    private readonly BlockStack _stack;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeModel(VideoMaeConfig config, Generator? generator = null) : this(config, random: null) => InitWeights(generator);

    internal VideoMaeModel(VideoMaeConfig config, Stochasticity? random, BackwardPass? backward = null)
        : base(nameof(VideoMaeModel), config, random, backward)
    {
        Embeddings = Add("embeddings", new Embeddings(config));
        _stack = Add("encoder.layer", new BlockStack(config, Random, WayBack));
        if (!config.UseMeanPooling)
            Norm = Add("layernorm", new LayerNormalization(config.HiddenSize, config.LayerNormEps));
    }

    /// <inheritdoc/>
    public override double DropPathRate
    {
        get => _stack.DropPathRate;
        set => _stack.DropPathRate = CheckProbability(value, nameof(DropPathRate));
    }

    internal override ModelKind Kind => ModelKind.Base;

    private protected override VideoMaePreTrainedModel CreateLikeThis() => new VideoMaeModel(Config, random: null);

    internal Embeddings Embeddings { get; }

    internal IReadOnlyList<TransformerBlock> Blocks => _stack.Blocks;

    /// <summary>Behind the last block; null where tokens are averaged first and normalised then.</summary>
    internal LayerNormalization? Norm { get; }

    /// <summary>
    /// Freezes the embeddings and the first blocks: no gradients are computed for them, and no branch of them is dropped. 0 freezes
    /// nothing. Set it before <see cref="DropPathRate"/>.
    /// </summary>
    /// <param name="blocks">How many blocks.</param>
    internal void Freeze(int blocks)
    {
        foreach (Parameter parameter in Embeddings.parameters())
            parameter.requires_grad = blocks == 0;
        _stack.Freeze(blocks);
    }

    /// <summary>Encodes clips.</summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <param name="boolMaskedPos">The tokens to leave out, [B, N] bool, as many for every clip; null encodes all.</param>
    /// <param name="outputHiddenStates">Whether to return the hidden state after every block.</param>
    /// <param name="outputAttentions">Whether to return attention probabilities; uses the explicit path.</param>
    /// <returns>The encoded tokens; they belong to the dispose scope of the caller.</returns>
    /// <exception cref="ArgumentException">A tensor's shape or type does not fit the configuration.</exception>
    public VideoMaeModelOutput forward(
        Tensor pixelValues, Tensor? boolMaskedPos = null, bool outputHiddenStates = false, bool outputAttentions = false)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        Tensor? visible = null;
        if (boolMaskedPos is not null)
        {
            ModelInputs.CheckMask(boolMaskedPos, pixelValues, Config, nameof(boolMaskedPos));
            visible = ModelInputs.Positions(boolMaskedPos.to(pixelValues.device).logical_not(), "visible");
        }

        VideoMaeModelOutput output = Encode(pixelValues, visible, AttentionImplementation, outputHiddenStates, outputAttentions);
        output.MoveToOuterScope();
        return output;
    }

    /// <summary>Encodes the tokens of an index [B, n], or all.</summary>
    internal VideoMaeModelOutput Encode(
        Tensor pixelValues, Tensor? visible, AttentionImplementation implementation, bool outputHiddenStates, bool outputAttentions)
    {
        List<Tensor>? hiddenStates = outputHiddenStates ? [] : null, attentions = outputAttentions ? [] : null;
        Tensor tokens = Embeddings.Forward(pixelValues, visible); // [B, n, D]
        Tensor encoded = _stack.Forward(tokens, implementation, hiddenStates, attentions);
        return new VideoMaeModelOutput(Norm?.Forward(encoded) ?? encoded, hiddenStates, attentions);
    }
}
