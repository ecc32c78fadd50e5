// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

// The masked autoencoder in one read. In shapes, v are the visible tokens of a clip, m those to reconstruct, d the decoder's width; the
// other letters are those of VideoMae.cs.

/// <summary>
/// Predicts how far what is seen moves in every cell of a token: 2 c c numbers for c x c cells, first to the right, then down, row by row.
/// </summary>
internal static class DisplacementHead
{
    internal const string Name = "displacement_head";

    /// <summary>The side of a cell in pixels.</summary>
    internal const int Cell = 4;

    /// <summary>The numbers of a token.</summary>
    internal static int Outputs(VideoMaeConfig config) => 2 * (config.PatchSize.Height / Cell) * (config.PatchSize.Width / Cell);

    /// <summary>Why a model of this shape cannot have one; null where it can.</summary>
    internal static string? Problem(VideoMaeConfig config)
    {
        if (config.PatchSize.Height % Cell != 0 || config.PatchSize.Width % Cell != 0)
            return $"patch_size is {config.PatchSize}; motion is measured in cells of {Cell}x{Cell} pixels: take multiples of {Cell}.";
        return config.NumChannels == 3 ? null
            : $"num_channels is {config.NumChannels}; motion is measured in RGB videos, of 3 channels.";
    }
}

/// <summary>The masked autoencoder: encodes the visible tokens of a clip and reconstructs the pixels of the masked ones.</summary>
public sealed class VideoMaeForPreTraining : VideoMaePreTrainedModel
{
    private readonly PositionTable _positions;
    private readonly Dense? _displacementHead;

    /// <summary>A model with initial weights.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="generator">What the weights are drawn from; null draws from one seeded at random.</param>
    /// <exception cref="ArgumentException"><paramref name="config"/> is invalid; the message lists every problem.</exception>
    public VideoMaeForPreTraining(VideoMaeConfig config, Generator? generator = null) : this(config, random: null) =>
        InitWeights(generator);

    internal VideoMaeForPreTraining(VideoMaeConfig config, Stochasticity? random) : base(nameof(VideoMaeForPreTraining), config, random)
    {
        if (config.NumFrames % config.TubeletSize != 0)
        {
            throw new ArgumentException(
                $"num_frames ({config.NumFrames}) must be a multiple of tubelet_size ({config.TubeletSize}) for pre-training: "
                + "every frame is reconstructed.", nameof(config));
        }

        Encoder = Add("videomae", new VideoMaeModel(config, Random, WayBack));
        EncoderToDecoder = Add("encoder_to_decoder", new Dense(config.HiddenSize, config.DecoderHiddenSize, bias: false));
        AddParameter("mask_token", 0, 1, 1, config.DecoderHiddenSize);
        _positions = new PositionTable(config, config.DecoderHiddenSize);
        Decoder = Add("decoder.decoder_layers", new BlockStack(config.ForDecoder(), Random, WayBack));
        DecoderNorm = Add("decoder.norm", new LayerNormalization(config.DecoderHiddenSize, config.HeadNormEps));
        DecoderHead = Add("decoder.head", new Dense(config.DecoderHiddenSize, config.PatchDimension));
        if (config.UseDisplacementHead)
            _displacementHead = Add(DisplacementHead.Name, new Dense(config.HiddenSize, DisplacementHead.Outputs(config)));
    }

    /// <summary>The encoder.</summary>
    public VideoMaeModel Encoder { get; }

    internal Dense EncoderToDecoder { get; }

    internal BlockStack Decoder { get; }

    internal LayerNormalization DecoderNorm { get; }

    internal Dense DecoderHead { get; }

    /// <summary>What the decoder gets in the place of a masked token, [1, 1, d].</summary>
    internal Tensor MaskToken => Get("mask_token");

    /// <inheritdoc/>
    public override double DropPathRate
    {
        get => Encoder.DropPathRate;
        set => Decoder.DropPathRate = Encoder.DropPathRate = value;
    }

    internal override ModelKind Kind => ModelKind.PreTraining;

    private protected override IEnumerable<PositionTable> PositionTables => [.. base.PositionTables, _positions];

    private protected override VideoMaePreTrainedModel CreateLikeThis() => new VideoMaeForPreTraining(Config, random: null);

    /// <summary>Reconstructs the masked tokens of clips.</summary>
    /// <param name="pixelValues">Pixel values normalised with ImageNet's mean and deviation, [B, T, C, H, W].</param>
    /// <param name="boolMaskedPos">
    /// The tokens hidden from the encoder, [B, N] bool: at least one, not all, and as many for every clip.
    /// </param>
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
        Tensor pixelValues, Tensor boolMaskedPos, Tensor? boolDecodedPos = null,
        bool computeLoss = true, bool outputHiddenStates = false, bool outputAttentions = false)
    {
        using var scope = NewDisposeScope();
        ArgumentNullException.ThrowIfNull(boolMaskedPos);
        ModelInputs.CheckPixelValues(pixelValues, Config);
        ModelInputs.CheckMask(boolMaskedPos, pixelValues, Config, nameof(boolMaskedPos));
        boolMaskedPos = boolMaskedPos.to(pixelValues.device);
        Tensor visible = ModelInputs.Positions(boolMaskedPos.logical_not(), "visible"); // [B, v]
        Tensor decoded = DecodedPositions(pixelValues, boolMaskedPos, boolDecodedPos);  // [B, m]
        if (visible.shape[1] == 0 || decoded.shape[1] == 0)
        {
            throw new ArgumentException(
                $"{visible.shape[1]} tokens are visible and {decoded.shape[1]} are to be reconstructed, of {Config.NumPatches}; "
                + "both must be at least 1.", nameof(boolMaskedPos));
        }

        VideoMaeModelOutput encoded = Encoder.Encode(pixelValues, visible, AttentionImplementation, outputHiddenStates, outputAttentions);
        Tensor logits = Decode(encoded.LastHiddenState, visible, decoded);
        Tensor? loss = null;
        if (computeLoss)
            loss = ReconstructionLoss.Compute(logits, pixelValues, decoded, boolDecodedPos is null ? null : boolMaskedPos, Config);
        VideoMaePreTrainingOutput output = new(loss, logits, encoded.HiddenStates, encoded.Attentions);
        output.MoveToOuterScope();
        return output;
    }

    /// <summary>How far the cells of tokens move, [B, N, 2 c c], or of the visible tokens [B, v] alone, [B, v, 2 c c].</summary>
    /// <param name="pixelValues">[B, T, C, H, W].</param>
    /// <param name="visible">The index of what the encoder sees; null for all.</param>
    internal Tensor Displacements(Tensor pixelValues, Tensor? visible)
    {
        using var scope = NewDisposeScope();
        ModelInputs.CheckPixelValues(pixelValues, Config);
        VideoMaeModelOutput encoded = Encoder.Encode(pixelValues, visible, AttentionImplementation, false, false);
        return _displacementHead!.Forward(encoded.LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>Leaves the decoder as it is: no gradients.</summary>
    internal void FreezeDecoder()
    {
        string[] trained = ["videomae.", $"{DisplacementHead.Name}."];
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in named_parameters())
            parameter.requires_grad = trained.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    private Tensor DecodedPositions(Tensor pixelValues, Tensor boolMaskedPos, Tensor? boolDecodedPos)
    {
        if (boolDecodedPos is null)
            return ModelInputs.Positions(boolMaskedPos, "masked");
        ModelInputs.CheckMask(boolDecodedPos, pixelValues, Config, nameof(boolDecodedPos));
        return ModelInputs.Positions(boolDecodedPos.to(pixelValues.device), "decoded");
    }

    /// <summary>Encoded visible tokens [B, v, D] to the pixels of masked ones, [B, m, P]; both by their index.</summary>
    private Tensor Decode(Tensor encoded, Tensor visible, Tensor decoded)
    {
        Tensor positions = _positions.As(EncoderToDecoder.Weight);                            // [N, d]
        Tensor seen = EncoderToDecoder.Forward(encoded).Plus(positions[visible]);             // [B, v, d]
        Tensor masked = MaskToken.Plus(positions[decoded]);                                   // [B, m, d]
        Tensor hidden = Decoder.Forward(cat([seen, masked], 1), AttentionImplementation);     // [B, v + m, d]
        Tensor last = hidden.narrow(1, visible.shape[1], decoded.shape[1]);                   // [B, m, d]
        return DecoderHead.Forward(DecoderNorm.Forward(last)).to(seen.dtype);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The loss of pre-training: the mean squared error between reconstructed and true pixels of masked patches.</summary>
internal static class ReconstructionLoss
{
    // The pixel values are taken to be normalised with ImageNet's mean and deviation, as the reference does.
    internal static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    internal static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>
    /// The loss of reconstructions [B, m, P] of the tokens [B, m]; where <paramref name="countedPos"/> [B, N] is given, only tokens true in
    /// it count.
    /// </summary>
    internal static Tensor Compute(Tensor logits, Tensor pixelValues, Tensor decoded, Tensor? countedPos, VideoMaeConfig config)
    {
        Tensor prediction = logits.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? logits.to(ScalarType.Float32) : logits;
        Tensor targets = Targets(pixelValues.to(prediction.dtype), decoded, config); // [B, m, P]
        if (countedPos is null)
            return nn.functional.mse_loss(prediction, targets);
        Tensor counted = countedPos.gather(1, decoded).to(prediction.dtype);         // [B, m]
        Tensor errors = (prediction - targets).square().mean([-1]);
        Tensor count = counted.sum();
        if (count.item<float>() == 0)
            throw new ArgumentException("No token to reconstruct is masked; at least one must be.", nameof(countedPos));
        return (errors * counted).sum() / count;
    }

    /// <summary>The mean squared error of each clip's reconstructions [B, m, P] of the tokens [B, m], [B].</summary>
    internal static Tensor PerClip(Tensor logits, Tensor pixelValues, Tensor decoded, VideoMaeConfig config) =>
        (logits - Targets(pixelValues, decoded, config)).Squared().mean([1, 2]);

    /// <summary>
    /// The true pixels of the tokens [B, m], [B, m, P], each patch normalised per channel where the configuration asks for it.
    /// </summary>
    internal static Tensor Targets(Tensor pixelValues, Tensor decoded, VideoMaeConfig config)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        // Only what is reconstructed is touched, and channels come last only at the end: runs of whole channels are what is fast to add up.
        Tensor patches = Patches.Take(Patches.ForProjection(pixelValues, config), decoded); // [B, m, P]
        patches = patches.unflatten(2, config.NumChannels, -1);                             // [B, m, C, t h w]
        patches = config.NormPixLoss ? Normalize(patches, config) : Unnormalize(patches, config, dimensions: 1);
        return patches.transpose(-1, -2).flatten(2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Each channel of each patch [B, m, C, n] with mean 0 and deviation 1, as of pixels from 0 to 1: the mean drops out, and of the
    /// deviation what is left is what the 1e-6 below it weighs.
    /// </summary>
    private static Tensor Normalize(Tensor patches, VideoMaeConfig config)
    {
        double count = patches.shape[^1];
        Tensor centred = patches - patches.mean([-1], keepdim: true);
        Tensor spread = centred.Squared().mean([-1], keepdim: true).Times(count / (count - 1)).sqrt(); // [B, m, C, 1]
        if (config.NumChannels != Deviation.Length)
            return centred.div_(spread.Plus(1e-6));
        Tensor deviation = tensor(Deviation, [Deviation.Length, 1], device: CPU).to(patches);
        return centred.mul_(deviation / (spread * deviation).Plus(1e-6));
    }

    /// <summary>Pixels from 0 to 1 of normalised ones; those of other than 3 channels stay as they are.</summary>
    /// <param name="pixelValues">Pixels, [..., C, ...].</param>
    /// <param name="config">The model.</param>
    /// <param name="dimensions">The number of dimensions behind that of the channels.</param>
    internal static Tensor Unnormalize(Tensor pixelValues, VideoMaeConfig config, int dimensions)
    {
        if (config.NumChannels == Mean.Length)
        {
            long[] shape = [Mean.Length, .. Enumerable.Repeat(1L, dimensions)];
            Tensor mean = tensor(Mean, shape, device: CPU).to(pixelValues);
            return (pixelValues * tensor(Deviation, shape, device: CPU).to(pixelValues)).Plus(mean);
        }

        if (!config.NormPixLoss)
        {
            throw new ArgumentException(
                $"num_channels is {config.NumChannels} and norm_pix_loss is false; "
                + "pixels of other than 3 channels cannot be un-normalised. Set norm_pix_loss to true.", nameof(config));
        }

        return pixelValues;
    }
}
