// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The VideoMAE encoder: clips to one vector per space-time patch.</summary>
/// <remarks>Tong et al., "VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video Pre-Training", 2022.</remarks>
public sealed class VideoMaeModel : VideoMaePreTrainedModel
{
    private readonly Embeddings _embeddings;
    private readonly BlockStack _blocks;
    private readonly LayerNormalization? _norm;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeModel(VideoMaeConfig config, Generator? generator = null) : this(config, random: null) => InitWeights(generator);

    internal VideoMaeModel(VideoMaeConfig config, Stochasticity? random, ActivationCheckpoints? checkpoints = null) : base(nameof(VideoMaeModel), config, random, checkpoints)
    {
        _embeddings = Add("embeddings", new Embeddings(config));
        _blocks = Add("encoder", new EncoderBlocks(config, Random, Checkpoints)).Blocks;
        if (!config.UseMeanPooling)
            _norm = Add("layernorm", new LayerNormalization(config.HiddenSize, config.LayerNormEps));
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
    public static VideoMaeModel FromPretrained(
        string pathOrId, ScalarType? dtype = null, AttentionImplementation attnImplementation = AttentionImplementation.Sdpa, Device? device = null, PretrainedOptions? options = null) =>
        PretrainedLoader.Load(pathOrId, ModelKind.Base, config => new VideoMaeModel(config, random: null) { AttentionImplementation = attnImplementation }, dtype, device, options);

    /// <inheritdoc/>
    public override double DropPathRate
    {
        get => _blocks.DropPathRate;
        set => _blocks.DropPathRate = CheckProbability(value, nameof(DropPathRate));
    }

    internal override ModelKind Kind => ModelKind.Base;

    /// <summary>
    /// Freezes the embeddings and the first blocks: no gradients are computed for them, and no branch of them is dropped. 0 freezes nothing. Set
    /// it before <see cref="DropPathRate"/>.
    /// </summary>
    /// <param name="blocks">How many blocks.</param>
    internal void Freeze(int blocks)
    {
        foreach (TorchSharp.Modules.Parameter parameter in _embeddings.parameters())
            parameter.requires_grad = blocks == 0;
        _blocks.Freeze(blocks);
    }

    /// <summary>Encodes clips.</summary>
    /// <param name="pixelValues">Normalised pixel values, [B, T, C, H, W].</param>
    /// <param name="boolMaskedPos">The tokens to leave out, [B, N] bool, as many for every clip; null encodes all.</param>
    /// <param name="outputHiddenStates">Whether to return the hidden state after every block.</param>
    /// <param name="outputAttentions">Whether to return attention probabilities; uses the explicit path.</param>
    /// <returns>The encoded tokens; they belong to the dispose scope of the caller.</returns>
    /// <exception cref="ArgumentException">A tensor's shape or type does not fit the configuration.</exception>
    public VideoMaeModelOutput forward(Tensor pixelValues, Tensor? boolMaskedPos = null, bool outputHiddenStates = false, bool outputAttentions = false)
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
        Tensor tokens = _embeddings.Forward(pixelValues, visible); // [B, n, D]
        Tensor encoded = _blocks.Forward(tokens, implementation, hiddenStates, attentions);
        return new VideoMaeModelOutput(_norm?.Forward(encoded) ?? encoded, hiddenStates, attentions);
    }

    /// <summary>The blocks, nested as <c>encoder.layer</c>.</summary>
    private sealed class EncoderBlocks : ModelModule
    {
        internal EncoderBlocks(VideoMaeConfig config, Stochasticity random, ActivationCheckpoints checkpoints) : base(nameof(EncoderBlocks)) =>
            Blocks = Add("layer", new BlockStack(BlockShape.Encoder(config), config.NumHiddenLayers, random, checkpoints));

        internal BlockStack Blocks { get; }
    }
}
