// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Writes a model as a folder that Hugging Face's library reads.</summary>
internal static class PretrainedWriter
{
    private static readonly Dictionary<ScalarType, string> s_types = new()
    {
        [ScalarType.Float32] = "float32",
        [ScalarType.BFloat16] = "bfloat16",
        [ScalarType.Float16] = "float16",
        [ScalarType.Float64] = "float64",
    };

    internal static IReadOnlyList<string> Save(VideoMaePreTrainedModel model, string folder, ScalarType? dtype, bool separateBiases,
        long maxShardBytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ScalarType stored = StoredType(model, dtype);
        VideoMaeConfig config = model.Config with
        {
            DType = s_types[stored],
            AdditionalFields = new Dictionary<string, JsonNode?>(model.Config.AdditionalFields)
            {
                ["architectures"] = new JsonArray(Architecture(model.Kind)),
            },
        };

        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors =
        [
            .. model
                .named_parameters()
                .SelectMany(pair => separateBiases ? Separate(pair.name, pair.parameter) : [(pair.name, (Tensor)pair.parameter)])];
        string full = Path.GetFullPath(folder);
        if (Directory.Exists(full))
            WriteFiles(full);
        else
            AtomicFile.WriteFolder(full, WriteFiles);
        return Notes(model.Config);

        // Each file in one step; the weights first, so that a new configuration never stands beside old weights for longer than a move.
        void WriteFiles(string into)
        {
            ShardedWriter.Write(into, tensors, stored, maxShardBytes);
            config.Save(Path.Combine(into, "config.json"));
        }
    }

    /// <summary>The type to store weights in.</summary>
    /// <exception cref="ArgumentException">Weights cannot be stored in it.</exception>
    internal static ScalarType StoredType(VideoMaePreTrainedModel model, ScalarType? dtype)
    {
        ScalarType stored = dtype ?? model.parameters().First().dtype;
        return s_types.ContainsKey(stored)
            ? stored
            : throw new ArgumentException(
                $"Weights cannot be stored as {stored}; {string.Join(", ", s_types.Keys)} are possible.", nameof(dtype));
    }

    private static string Architecture(ModelKind kind) => kind switch
    {
        ModelKind.Base => "VideoMAEModel",
        ModelKind.Classification => "VideoMAEForVideoClassification",
        _ => "VideoMAEForPreTraining",
    };

    /// <summary>The layout of transformers v5: biases inside the projections, with a key bias of zeros.</summary>
    private static IEnumerable<(string, Tensor)> Separate(string name, Parameter parameter)
    {
        const string Query = ".q_bias", Value = ".v_bias";
        if (name.EndsWith(Query, StringComparison.Ordinal))
        {
            string prefix = name[..^Query.Length];
            return [($"{prefix}.query.bias", parameter), ($"{prefix}.key.bias", zeros_like(parameter))];
        }

        return [(name.EndsWith(Value, StringComparison.Ordinal) ? $"{name[..^Value.Length]}.value.bias" : name, parameter)];
    }

    private static string[] Notes(VideoMaeConfig config) =>
        [.. EmbeddingNotes(config), .. HeadNotes(config), .. PoolerNotes(config), .. PositionNotes(config), .. EpsilonNotes(config)];

    private static string[] PositionNotes(VideoMaeConfig config) => config.UseSeparablePositions
        ? ["This model's positions are those of time, row and column (use_separable_positions), which Hugging Face's library does not " +
            "know: there the weights load, but the numbers are others."]
        : [];

    private static string[] HeadNotes(VideoMaeConfig config) => config.UseDisplacementHead
        ? [$"The file has a layer that predicts displacements ({DisplacementHead.Name}, use_displacement_head), which Hugging Face's " +
            "library leaves out."]
        : [];

    private static string[] EmbeddingNotes(VideoMaeConfig config) => config.UseMeanFrameDifference
        ? ["This model sees differences from the mean frame as well (use_mean_frame_difference), which Hugging Face's library does not " +
            "know: it cannot load the patch embedding."]
        : [];

    private static string[] PoolerNotes(VideoMaeConfig config) => config.UseAttentivePooling
        ? ["This model pools tokens by attention (use_attentive_pooling), which Hugging Face's library does not know: there the encoder " +
            "loads, but the head does not."]
        : config.UseCellPooling
        ? ["This model's features are those of cells of the frame (use_cell_pooling), which Hugging Face's library does not know: there " +
            "the encoder loads, but the head does not."]
        : config.UseNormedMeanPooling
        ? ["This model averages normalised tokens (use_normed_mean_pooling), which Hugging Face's library does not know: there a " +
            "classifier takes the first token, and gives other numbers."]
        : [];

    private static string[] EpsilonNotes(VideoMaeConfig config) => config.HeadNormEps == VideoMaeConfig.DefaultHeadNormEps
        ? []
        : [$"This model uses an epsilon of {config.HeadNormEps:g3} in fc_norm and decoder.norm. Hugging Face's library fixes it at 1e-5 " +
            "there and so gives slightly other numbers; this one reads head_norm_eps from config.json."];
}
