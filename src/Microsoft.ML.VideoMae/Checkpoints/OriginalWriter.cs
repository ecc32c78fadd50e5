// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Writes a model as a file that the original code (MCG-NJU) reads.</summary>
internal static class OriginalWriter
{
    private const double OriginalEps = PretrainedLoader.OriginalEps;

    internal static IReadOnlyList<string> Save(VideoMaePreTrainedModel model, string path, ScalarType? dtype)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ScalarType stored = PretrainedWriter.StoredType(model, dtype);
        if (model.Config.UseMeanFrameDifference)
            throw new NotSupportedException("This model sees differences from the mean frame as well (use_mean_frame_difference), which " +
                "the original code does not know. Save it in Hugging Face's layout, with SavePretrained.");
        if (model.Config.UseAttentivePooling)
            throw new NotSupportedException("This model pools tokens by attention (use_attentive_pooling), which the original code does " +
                "not know. Save it in Hugging Face's layout, with SavePretrained.");

        if (model.Config.UseCellPooling && model.Kind == ModelKind.Classification)
            throw new NotSupportedException("This model's features are those of cells of the frame (use_cell_pooling), which the " +
                "original code does not know. Save it in Hugging Face's layout, with SavePretrained.");
        if (model.Config.UseNormedMeanPooling && model.Kind == ModelKind.Classification)
            throw new NotSupportedException("This model averages normalised tokens (use_normed_mean_pooling), where the original code " +
                "takes the first one. Save it in Hugging Face's layout, with SavePretrained.");

        // As the original's scripts do it: those of pre-training save under 'model', DeepSpeed in fine-tuning under 'module'.
        TorchZipWriter.Write(path, model.Kind == ModelKind.Classification ? "module" : "model", Entries(model), stored);
        return Notes(model);
    }

    private static TorchEntry[] Entries(VideoMaePreTrainedModel model)
    {
        Dictionary<string, Parameter> parameters = model.named_parameters()
            .ToDictionary(
                pair => model.Kind == ModelKind.Base ? LoadPlan.Backbone + pair.name : pair.name, pair => pair.parameter,
                StringComparer.Ordinal);
        ILookup<string, KeyMapping> keys = CheckpointKeyMap.Map([.. OriginalNames.For(model.Config, model.Kind)])
            .Keys.ToLookup(key => key.Source, StringComparer.Ordinal);
        return [.. keys.Select(group =>
            new TorchEntry(group.Key, [.. group.OrderBy(key => key.Part).Select(key => parameters[key.Target])]))];
    }

    private static IReadOnlyList<string> Notes(VideoMaePreTrainedModel model)
    {
        VideoMaeConfig config = model.Config;
        List<string> notes = [];
        if (config.LayerNormEps != OriginalEps || config.HeadNormEps != OriginalEps)
            notes.Add($"This model's layer norms use epsilons of {config.LayerNormEps:g3} and {config.HeadNormEps:g3}. The original " +
                "code uses 1e-6 everywhere, and so gives slightly other numbers; so does this package when it reads the file.");
        if (config.UseSeparablePositions)
            notes.Add("This model's positions are those of time, row and column (use_separable_positions). The original code has " +
                "others, and so gives other numbers.");
        if (config.UseDisplacementHead && model.Kind == ModelKind.PreTraining)
            notes.Add("The layer that predicts displacements (use_displacement_head) is left out: the original code has none.");
        if (config.HiddenAct != "gelu")
            notes.Add($"This model's activation is {config.HiddenAct} (hidden_act). The original code always uses gelu, and so gives " +
                "other numbers.");
        if (model.Kind == ModelKind.PreTraining && config.UseMeanPooling)
            notes.Add("This model has no layer norm after its encoder (use_mean_pooling), where the original's has one when it " +
                "pre-trains: it can be fine-tuned there, but reconstructs otherwise.");
        return notes;
    }
}

/// <summary>
/// The names of a model's parameters in the original code, in its order. What each of them is here is said by
/// <see cref="CheckpointKeyMap"/> alone, so that reading and writing share one table.
/// </summary>
internal static class OriginalNames
{
    internal static IEnumerable<string> For(VideoMaeConfig config, ModelKind kind)
    {
        bool pretraining = kind == ModelKind.PreTraining;
        string encoder = pretraining ? "encoder." : "";
        IEnumerable<string> names = Dense($"{encoder}patch_embed.proj").Concat(Blocks(encoder, config.NumHiddenLayers, config.QkvBias));
        if (!config.UseMeanPooling)
            names = names.Concat(Dense($"{encoder}norm"));
        return kind switch
        {
            ModelKind.PreTraining => names.Prepend("mask_token").Concat(Blocks("decoder.", config.DecoderNumHiddenLayers, config.QkvBias))
                .Concat(Dense("decoder.norm")).Concat(Dense("decoder.head")).Append("encoder_to_decoder.weight"),
            ModelKind.Classification => names.Concat(config.UseMeanPooling ? Dense("fc_norm") : []).Concat(Dense("head")),
            _ => names,
        };
    }

    private static IEnumerable<string> Blocks(string prefix, int count, bool bias) => Enumerable.Range(0, count).SelectMany(i =>
        Dense("norm1").Concat(bias ? ["attn.q_bias", "attn.v_bias"] : []).Append("attn.qkv.weight")
            .Concat(((string[])["attn.proj", "norm2", "mlp.fc1", "mlp.fc2"]).SelectMany(Dense))
            .Select(name => $"{prefix}blocks.{i}.{name}"));

    private static string[] Dense(string name) => [$"{name}.weight", $"{name}.bias"];
}
