// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The shape of a VideoMAE model: every field of Hugging Face's <c>VideoMAEConfig</c> under its .NET name, with its default
/// (the base model for 16 frames of 224x224). Immutable; use <c>with</c> to change a copy.
/// </summary>
/// <remarks>
/// Fields without effect here (<c>chunk_size_feed_forward</c>, <c>return_dict</c>, <c>is_encoder_decoder</c>,
/// <c>tokenizer_class</c>, ...) and fields this version does not know are kept in <see cref="AdditionalFields"/> and written back.
/// </remarks>
public sealed partial record VideoMaeConfig
{
    private readonly int? _numLabels;

    /// <summary>The height and width of a frame. The default value is 224.</summary>
    public SpatialSize ImageSize { get; init; } = 224;

    /// <summary>The height and width of a patch. The default value is 16.</summary>
    public SpatialSize PatchSize { get; init; } = 16;

    /// <summary>The number of channels of a frame. The default value is 3.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>The number of frames of a clip. The default value is 16.</summary>
    public int NumFrames { get; init; } = 16;

    /// <summary>
    /// The number of frames one token spans. The default value is 2. Frames beyond the last whole tubelet are not looked at.
    /// </summary>
    public int TubeletSize { get; init; } = 2;

    /// <summary>The width of the encoder. The default value is 768.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>The number of encoder blocks. The default value is 12.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>The number of attention heads of an encoder block. The default value is 12.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>The width of the feed-forward layer of an encoder block. The default value is 3072.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>The activation: gelu, gelu_new, gelu_pytorch_tanh, quick_gelu, relu or silu. The default value is gelu.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Dropout after the attention and feed-forward projections, in training. The default value is 0.</summary>
    public double HiddenDropoutProb { get; init; }

    /// <summary>Dropout of attention probabilities, in training. The default value is 0.</summary>
    public double AttentionProbsDropoutProb { get; init; }

    /// <summary>The standard deviation of the initialisation. The default value is 0.02.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The epsilon of the layer norms, except those of <see cref="HeadNormEps"/>. The default value is 1e-12.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>
    /// The epsilon of <c>fc_norm</c> and <c>decoder.norm</c>. The default value is 1e-5, which Hugging Face's format fixes;
    /// the original code uses 1e-6 everywhere. Not a field of Hugging Face's: written (<c>head_norm_eps</c>) only where it differs.
    /// </summary>
    public double HeadNormEps { get; init; } = DefaultHeadNormEps;

    /// <summary>
    /// Whether queries and values (never keys) have a bias: <c>qkv_bias</c>, which transformers 5 calls <c>qv_bias</c>. Both names are
    /// read and written. The default value is true.
    /// </summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>
    /// Whether a classifier averages all tokens (and normalises them with <c>fc_norm</c>) or takes the first; with false the encoder
    /// ends in a layer norm. The default value is true.
    /// </summary>
    public bool UseMeanPooling { get; init; } = true;

    /// <summary>
    /// Whether a classifier takes the mean of tokens that the encoder's last layer norm has normalised one by one, in place of normalising
    /// their mean. It needs <see cref="UseMeanPooling"/> to be false. The default value is false, as in all published VideoMAE checkpoints.
    /// The weights of the package Microsoft.ML.VideoMae.Weights were trained with that norm, and need it. Not a field of Hugging Face's:
    /// written (<c>use_normed_mean_pooling</c>) only where it is true, and its library takes the first token instead.
    /// </summary>
    public bool UseNormedMeanPooling { get; init; }

    /// <summary>
    /// Whether a classifier pools tokens by a learned query that attends to them, in place of the mean. The default value is false. Not a
    /// field of Hugging Face's: written (<c>use_attentive_pooling</c>) only where it is true, and its library cannot run such a head.
    /// </summary>
    public bool UseAttentivePooling { get; init; }

    /// <summary>
    /// Whether a classifier's features are those of <see cref="VideoMaePooling.Cells"/>, which keep place and change, in place of a mean of
    /// tokens. The default value is false. Not a field of Hugging Face's: written (<c>use_cell_pooling</c>) only where it is true, and its
    /// library cannot run such a head.
    /// </summary>
    public bool UseCellPooling { get; init; }

    /// <summary>
    /// Whether the patch embedding sees every frame twice: as it is, and less the mean of the clip's frames, which leaves what moves. Its
    /// weight has twice the channels then. The default value is false, as in all published checkpoints: such a checkpoint starts with zeros
    /// for the second half, and so with the same outputs. Small models that start from nothing learn more of few clips with it
    /// (docs/lab/from-scratch.md). Not a field of Hugging Face's: written (<c>use_mean_frame_difference</c>) only where it is true, and its
    /// library cannot run such an encoder.
    /// </summary>
    public bool UseMeanFrameDifference { get; init; }

    /// <summary>
    /// Whether a model for pre-training has a linear layer that predicts the displacement of what is seen
    /// (<see cref="VideoMaePretrainingTarget"/>). The default value is false. Not a field of Hugging Face's: written
    /// (<c>use_displacement_head</c>) only where it is true, and its library leaves that layer out.
    /// </summary>
    public bool UseDisplacementHead { get; init; }

    /// <summary>
    /// Whether tokens are told apart by the sines and cosines of their time, row and column, each in columns of its own, in place of those
    /// of their number alone. A small model learns much sooner where things are; docs/pretraining.md has what that was worth and what not.
    /// Needs widths that are multiples of 16. The default value is false, as in all published VideoMAE checkpoints. Not a field of Hugging
    /// Face's: written (<c>use_separable_positions</c>) only where it is true, and its library gives other numbers.
    /// </summary>
    public bool UseSeparablePositions { get; init; }

    /// <summary>
    /// Whether separable positions give time, row and column a third of the columns each, with waves of 2 pi to 200 pi places, in place of
    /// a quarter and twice three eighths with waves of 4 to 400 places; values are rounded to 16 bits. It needs
    /// <see cref="UseSeparablePositions"/>, and widths that are multiples of 6. The default value is false. The weights of the package
    /// Microsoft.ML.VideoMae.Weights were trained with it. Not a field of Hugging Face's: written (<c>use_equal_position_parts</c>) only
    /// where it is true.
    /// </summary>
    public bool UseEqualPositionParts { get; init; }

    /// <summary>The number of attention heads of a decoder block. The default value is 6.</summary>
    public int DecoderNumAttentionHeads { get; init; } = 6;

    /// <summary>The width of the decoder. The default value is 384.</summary>
    public int DecoderHiddenSize { get; init; } = 384;

    /// <summary>The number of decoder blocks. The default value is 4.</summary>
    public int DecoderNumHiddenLayers { get; init; } = 4;

    /// <summary>The width of the feed-forward layer of a decoder block. The default value is 1536.</summary>
    public int DecoderIntermediateSize { get; init; } = 1536;

    /// <summary>Whether pre-training targets are normalised patch by patch. The default value is true.</summary>
    public bool NormPixLoss { get; init; } = true;

    /// <summary>The number of classes, or of regression targets. The default value is that of <see cref="Id2Label"/>, or 2.</summary>
    public int NumLabels
    {
        get => _numLabels ?? Id2Label?.Count ?? 2;
        init => _numLabels = value;
    }

    /// <summary>The name of each class by index, 0 to <see cref="NumLabels"/> - 1; null where classes have no names.</summary>
    public IReadOnlyDictionary<int, string>? Id2Label { get; init; }

    /// <summary>The index of each class by name; null means the inverse of <see cref="Id2Label"/>.</summary>
    public IReadOnlyDictionary<string, int>? Label2Id { get; init; }

    /// <summary>The loss; null chooses it from <see cref="NumLabels"/> and the type of the labels, as Hugging Face does.</summary>
    public VideoMaeProblemType? ProblemType { get; init; }

    /// <summary>
    /// The type weights are stored in (<c>dtype</c> or <c>torch_dtype</c>): float32, bfloat16, float16 or float64; null where unsaid.
    /// </summary>
    public string? DType { get; init; }

    /// <summary>Every other field of the config.json that was read, kept for writing it back.</summary>
    public IReadOnlyDictionary<string, JsonNode?> AdditionalFields { get; init; } = new Dictionary<string, JsonNode?>();

    internal const double DefaultHeadNormEps = 1e-5;

    /// <summary>The name the type field had when it was read: "torch_dtype", or "dtype" from transformers v5.</summary>
    internal string DTypeFieldName { get; init; } = "torch_dtype";

    /// <summary>The patches along height and width.</summary>
    internal SpatialSize PatchGrid => new(ImageSize.Height / PatchSize.Height, ImageSize.Width / PatchSize.Width);

    /// <summary>The tokens along time.</summary>
    internal int NumTubelets => NumFrames / TubeletSize;

    /// <summary>The number of tokens N of a clip, ordered by time, then row, then column.</summary>
    public int NumPatches => NumTubelets * PatchGrid.Height * PatchGrid.Width;

    /// <summary>The channels that the patch embedding sees.</summary>
    internal int EmbeddedChannels => UseMeanFrameDifference ? 2 * NumChannels : NumChannels;

    /// <summary>The pixel values of one token: channels * tubelet size * patch height * patch width.</summary>
    public int PatchDimension => NumChannels * TubeletSize * PatchSize.Height * PatchSize.Width;

    /// <summary>The decoder's blocks in the place of the encoder's, so that both are made of the same fields.</summary>
    internal VideoMaeConfig ForDecoder() => this with
    {
        HiddenSize = DecoderHiddenSize,
        NumHiddenLayers = DecoderNumHiddenLayers,
        NumAttentionHeads = DecoderNumAttentionHeads,
        IntermediateSize = DecoderIntermediateSize,
    };

    /// <summary>A copy for these class names, in index order.</summary>
    /// <param name="labels">The names; at least one, all different.</param>
    /// <exception cref="ArgumentException">No name, or one name twice.</exception>
    public VideoMaeConfig WithLabels(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        string? twice = labels.GroupBy(label => label, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (labels.Count == 0 || twice is not null)
        {
            throw new ArgumentException(
                twice is null ? "No label was given; at least one is needed."
                    : $"The label '{twice}' was given twice; labels must be different.",
                nameof(labels));
        }

        return this with
        {
            NumLabels = labels.Count,
            Id2Label = labels.Index().ToDictionary(pair => pair.Index, pair => pair.Item),
            Label2Id = labels.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal),
        };
    }

    /// <summary>Checks that a model of this shape can be built.</summary>
    /// <exception cref="ArgumentException">It cannot; the message lists every problem.</exception>
    public void Validate()
    {
        ProblemList problems = new();
        VideoMaeConfigProblems.Find(this, problems);
        problems.ThrowIfAny("The VideoMAE configuration is invalid");
    }
}
