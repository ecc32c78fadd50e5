// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>What is wrong with a configuration, all of it at once, in the names of config.json.</summary>
internal static class VideoMaeConfigProblems
{
    // Far above any published model, and low enough that no product of sizes below overflows or is allocated by mistake.
    private const int MaxSize = 1 << 17;
    private const int MaxLayers = 1024;
    private const long MaxTokens = 1 << 20;
    private const long MaxParameters = 1L << 36;

    internal static void Find(VideoMaeConfig config, ProblemList problems)
    {
        Sizes(config, problems);
        if (problems.IsEmpty)
            Combinations(config, problems);
        Numbers(config, problems);
        Labels(config, problems);
    }

    private static void Sizes(VideoMaeConfig config, ProblemList problems)
    {
        void Check(string name, int value, int max = MaxSize) => problems.Range(name, value, 1, max);

        Check("image_size (height)", config.ImageSize.Height);
        Check("image_size (width)", config.ImageSize.Width);
        Check("patch_size (height)", config.PatchSize.Height);
        Check("patch_size (width)", config.PatchSize.Width);
        Check("num_channels", config.NumChannels);
        Check("num_frames", config.NumFrames);
        Check("tubelet_size", config.TubeletSize);
        Check("hidden_size", config.HiddenSize);
        Check("num_hidden_layers", config.NumHiddenLayers, MaxLayers);
        Check("num_attention_heads", config.NumAttentionHeads);
        Check("intermediate_size", config.IntermediateSize);
        Check("decoder_hidden_size", config.DecoderHiddenSize);
        Check("decoder_num_hidden_layers", config.DecoderNumHiddenLayers, MaxLayers);
        Check("decoder_num_attention_heads", config.DecoderNumAttentionHeads);
        Check("decoder_intermediate_size", config.DecoderIntermediateSize);
        Check("num_labels", config.NumLabels, 1 << 24);
    }

    private static void Combinations(VideoMaeConfig config, ProblemList problems)
    {
        void Divides(string name, int value, string dividedBy, int by) =>
            problems.Require(value % by == 0, $"{name} ({value}) must be a multiple of {dividedBy} ({by}).");

        Divides("hidden_size", config.HiddenSize, "num_attention_heads", config.NumAttentionHeads);
        Divides("decoder_hidden_size", config.DecoderHiddenSize, "decoder_num_attention_heads", config.DecoderNumAttentionHeads);
        Divides("The image height", config.ImageSize.Height, "the patch height", config.PatchSize.Height);
        Divides("The image width", config.ImageSize.Width, "the patch width", config.PatchSize.Width);
        if (config.NumFrames < config.TubeletSize)
            problems.Add($"num_frames ({config.NumFrames}) must be at least tubelet_size ({config.TubeletSize}).");

        long patches = (long)config.NumTubelets * config.PatchGrid.Height * config.PatchGrid.Width;
        if (patches > MaxTokens)
            problems.Add($"{config.NumFrames} frames of {config.ImageSize} make {patches} tokens; at most {MaxTokens} are allowed. Use " +
                "larger patches or fewer frames.");
        long patchDimension = (long)config.PatchSize.Height * config.PatchSize.Width * config.NumChannels;
        if (patchDimension > int.MaxValue / config.TubeletSize)
            problems.Add($"A patch of {config.TubeletSize} x {config.PatchSize} pixels with {config.NumChannels} channels is too large.");
        else if (Weights(config) > MaxParameters)
            problems.Add($"The sizes make a model of more than {MaxParameters} parameters.");
    }

    /// <summary>The values of all matrices of encoder and decoder: nearly all parameters.</summary>
    private static long Weights(VideoMaeConfig config)
    {
        VideoMaeConfig decoder = config.ForDecoder();
        return Blocks(config) + Blocks(decoder) + ((long)config.PatchDimension * (config.HiddenSize + decoder.HiddenSize))
            + ((long)config.HiddenSize * decoder.HiddenSize);

        static long Blocks(VideoMaeConfig c) =>
            c.NumHiddenLayers * ((4L * c.HiddenSize * c.HiddenSize) + (2L * c.HiddenSize * c.IntermediateSize));
    }

    private static void Numbers(VideoMaeConfig config, ProblemList problems)
    {
        void Probability(string name, double value) =>
            problems.Require(value >= 0 && value < 1, ProblemList.Invariant($"{name} is {value}; it must be at least 0 and below 1."));

        void NotNegative(string name, double value) => problems.Require(
            value >= 0 && double.IsFinite(value),
            ProblemList.Invariant($"{name} is {value}; it must be a finite number that is not negative."));

        Probability("hidden_dropout_prob", config.HiddenDropoutProb);
        Probability("attention_probs_dropout_prob", config.AttentionProbsDropoutProb);
        NotNegative("initializer_range", config.InitializerRange);
        NotNegative("layer_norm_eps", config.LayerNormEps);
        NotNegative("head_norm_eps", config.HeadNormEps);
        if (config.UseNormedMeanPooling && config.UseMeanPooling)
            problems.Add("use_normed_mean_pooling and use_mean_pooling are both true; set use_mean_pooling to false, or leave the other " +
                "out.");
        if (config.UseCellPooling && config.UseAttentivePooling)
            problems.Add("use_cell_pooling and use_attentive_pooling are both true; set one of the two.");
        if (config.UseDisplacementHead && DisplacementHead.Problem(config) is string problem)
            problems.Add(problem);
        if (config.UseEqualPositionParts && !config.UseSeparablePositions)
            problems.Add("use_equal_position_parts is true and use_separable_positions is false; set both, or neither.");
        if (config.UseEqualPositionParts)
            EqualParts(config, problems);
        else if (config.UseSeparablePositions
            && (config.HiddenSize % SeparablePositions.WidthUnit != 0 || config.DecoderHiddenSize % SeparablePositions.WidthUnit != 0))
            problems.Add($"hidden_size is {config.HiddenSize} and decoder_hidden_size {config.DecoderHiddenSize}; " +
                $"use_separable_positions needs multiples of {SeparablePositions.WidthUnit}.");
        if (!Activation.IsKnown(config.HiddenAct))
            problems.Add($"hidden_act is '{config.HiddenAct}'; it must be one of {Activation.Names}.");
        if (config.DType is not (null or "float32" or "bfloat16" or "float16" or "float64"))
            problems.Add($"dtype is '{config.DType}'; it must be float32, bfloat16, float16 or float64.");
        if (config.ProblemType is VideoMaeProblemType type && !Enum.IsDefined(type))
            problems.Add($"problem_type is {(int)type}; it must be one of {string.Join(", ", Enum.GetNames<VideoMaeProblemType>())}.");
        if (config.ProblemType == VideoMaeProblemType.SingleLabelClassification && config.NumLabels == 1)
            problems.Add("problem_type is single_label_classification, which needs num_labels of at least 2; num_labels is 1.");
    }

    private static void EqualParts(VideoMaeConfig config, ProblemList problems)
    {
        if (config.HiddenSize % SeparablePositions.EqualWidthUnit != 0 || config.DecoderHiddenSize % SeparablePositions.EqualWidthUnit != 0)
        {
            problems.Add($"hidden_size is {config.HiddenSize} and decoder_hidden_size {config.DecoderHiddenSize}; "
                + $"use_equal_position_parts needs multiples of {SeparablePositions.EqualWidthUnit}.");
        }
    }

    private static void Labels(VideoMaeConfig config, ProblemList problems)
    {
        if (config.Id2Label is { } names)
        {
            if (names.Count != config.NumLabels)
                problems.Add($"num_labels is {config.NumLabels} but id2label names {names.Count} classes; the two must agree.");
            if (names.Keys.Any(index => index < 0 || index >= names.Count))
                problems.Add($"id2label names {names.Count} classes, so its keys must be 0 to {names.Count - 1}.");
        }

        if (config.Label2Id is not { } ids)
            return;
        foreach ((string name, int id) in ids)
        {
            string? expected = null;
            if (config.Id2Label is null ? id < 0 || id >= config.NumLabels
                : !config.Id2Label.TryGetValue(id, out expected) || expected != name)
            {
                problems.Add($"label2id maps '{name}' to {id}, which id2label calls {(expected is null ? "nothing" : $"'{expected}'")}; " +
                    "the two must agree.");
                return;
            }
        }
    }
}
