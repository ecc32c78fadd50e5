// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The masked autoencoder: encodes the visible tokens of a clip and reconstructs the pixels of the masked ones.</summary>
public sealed class VideoMaeForPreTraining : VideoMaePreTrainedModel
{
    private readonly Dense _encoderToDecoder;
    private readonly PixelDecoder _decoder;
    private readonly PositionTable _positions;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeForPreTraining(VideoMaeConfig config, Generator? generator = null) : this(config, random: null) => InitWeights(generator);

    internal VideoMaeForPreTraining(VideoMaeConfig config, Stochasticity? random) : base(nameof(VideoMaeForPreTraining), config, random)
    {
        if (config.NumFrames % config.TubeletSize != 0)
            throw new ArgumentException($"num_frames ({config.NumFrames}) must be a multiple of tubelet_size ({config.TubeletSize}) for pre-training: every frame is reconstructed.", nameof(config));
        Encoder = Add("videomae", new VideoMaeModel(config, Random, Checkpoints));
        _encoderToDecoder = Add("encoder_to_decoder", new Dense(config.HiddenSize, config.DecoderHiddenSize, bias: false));
        AddParameter("mask_token", 0, 1, 1, config.DecoderHiddenSize);
        _positions = new PositionTable(config, config.DecoderHiddenSize);
        _decoder = Add("decoder", new PixelDecoder(config, Random, Checkpoints));
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
    public static VideoMaeForPreTraining FromPretrained(
        string pathOrId, ScalarType? dtype = null, AttentionImplementation attnImplementation = AttentionImplementation.Sdpa, Device? device = null, PretrainedOptions? options = null) =>
        PretrainedLoader.Load(pathOrId, ModelKind.PreTraining, config => new VideoMaeForPreTraining(config, random: null) { AttentionImplementation = attnImplementation }, dtype, device, options);

    /// <summary>The encoder.</summary>
    public VideoMaeModel Encoder { get; }

    /// <inheritdoc/>
    public override double DropPathRate
    {
        get => Encoder.DropPathRate;
        set => _decoder.Blocks.DropPathRate = Encoder.DropPathRate = value;
    }

    internal override ModelKind Kind => ModelKind.PreTraining;

    /// <summary>Reconstructs the masked tokens of clips.</summary>
    /// <param name="pixelValues">Pixel values normalised with ImageNet's mean and deviation, [B, T, C, H, W].</param>
    /// <param name="boolMaskedPos">The tokens hidden from the encoder, [B, N] bool: at least one, not all, and as many for every clip.</param>
    /// <param name="boolDecodedPos">
    /// The tokens to reconstruct, [B, N] bool, as many for every clip; the loss counts those of them that were hidden (the dual masking of
    /// VideoMAE V2). Null means all that were hidden.
    /// </param>
    /// <param name="computeLoss">Whether to compute the loss. The default value is true.</param>
    /// <param name="outputHiddenStates">Whether to return the hidden state after every encoder block.</param>
    /// <param name="outputAttentions">Whether to return the encoder's attention probabilities; uses the explicit path.</param>
    /// <returns>Reconstructions in the order of their tokens, and the loss; they belong to the dispose scope of the caller.</returns>
    /// <exception cref="ArgumentException">A tensor's shape or type does not fit the configuration.</exception>
    public VideoMaePreTrainingOutput forward(
        Tensor pixelValues, Tensor boolMaskedPos, Tensor? boolDecodedPos = null, bool computeLoss = true, bool outputHiddenStates = false, bool outputAttentions = false)
    {
        using var scope = NewDisposeScope();
        ArgumentNullException.ThrowIfNull(boolMaskedPos);
        ModelInputs.CheckPixelValues(pixelValues, Config);
        ModelInputs.CheckMask(boolMaskedPos, pixelValues, Config, nameof(boolMaskedPos));
        boolMaskedPos = boolMaskedPos.to(pixelValues.device);
        Tensor visible = ModelInputs.Positions(boolMaskedPos.logical_not(), "visible"); // [B, v]
        Tensor decoded = DecodedPositions(pixelValues, boolMaskedPos, boolDecodedPos);  // [B, m]
        if (visible.shape[1] == 0 || decoded.shape[1] == 0)
            throw new ArgumentException($"{visible.shape[1]} tokens are visible and {decoded.shape[1]} are to be reconstructed, of {Config.NumPatches}; both must be at least 1.", nameof(boolMaskedPos));

        VideoMaeModelOutput encoded = Encoder.Encode(pixelValues, visible, AttentionImplementation, outputHiddenStates, outputAttentions);
        Tensor logits = Decode(encoded.LastHiddenState, visible, decoded);
        Tensor? loss = null;
        if (computeLoss)
            loss = ReconstructionLoss.Compute(logits, pixelValues, decoded, boolDecodedPos is null ? null : boolMaskedPos, Config);
        VideoMaePreTrainingOutput output = new(loss, logits, encoded.HiddenStates, encoded.Attentions);
        output.MoveToOuterScope();
        return output;
    }

    private Tensor DecodedPositions(Tensor pixelValues, Tensor boolMaskedPos, Tensor? boolDecodedPos)
    {
        if (boolDecodedPos is null)
            return ModelInputs.Positions(boolMaskedPos, "masked");
        ModelInputs.CheckMask(boolDecodedPos, pixelValues, Config, nameof(boolDecodedPos));
        return ModelInputs.Positions(boolDecodedPos.to(pixelValues.device), "decoded");
    }

    private Tensor Decode(Tensor encoded, Tensor visible, Tensor decoded)
    {
        Tensor positions = _positions.As(_encoderToDecoder.Weight);            // [N, d]
        Tensor seen = _encoderToDecoder.Forward(encoded).Plus(positions[visible]); // [B, v, d]
        Tensor hidden = Get("mask_token").Plus(positions[decoded]);               // [B, m, d]
        return _decoder.Forward(cat([seen, hidden], 1), decoded.shape[1], AttentionImplementation).to(seen.dtype);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The decoder's blocks and the map from tokens to pixels.</summary>
    private sealed class PixelDecoder : ModelModule
    {
        private readonly LayerNormalization _norm;
        private readonly Dense _head;

        internal PixelDecoder(VideoMaeConfig config, Stochasticity random, ActivationCheckpoints checkpoints) : base(nameof(PixelDecoder))
        {
            Blocks = Add("decoder_layers", new BlockStack(BlockShape.Decoder(config), config.DecoderNumHiddenLayers, random, checkpoints));
            _norm = Add("norm", new LayerNormalization(config.DecoderHiddenSize, config.HeadNormEps));
            _head = Add("head", new Dense(config.DecoderHiddenSize, config.PatchDimension));
        }

        internal BlockStack Blocks { get; }

        /// <summary>[B, v + m, d] to the pixels of the last m tokens, [B, m, P].</summary>
        internal Tensor Forward(Tensor tokens, long last, AttentionImplementation implementation)
        {
            Tensor hidden = Blocks.Forward(tokens, implementation);
            return _head.Forward(_norm.Forward(hidden.narrow(1, hidden.shape[1] - last, last)));
        }
    }
}
