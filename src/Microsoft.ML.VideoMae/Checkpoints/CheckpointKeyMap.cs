// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Whose names a checkpoint uses.</summary>
internal enum CheckpointNaming
{
    /// <summary>Hugging Face's, either layout of the attention biases.</summary>
    HuggingFace,

    /// <summary>Those of the original code (MCG-NJU) and of VideoMAE V2.</summary>
    Original,
}

/// <summary>Where one tensor of a checkpoint goes: whole, or one of several equal parts of its rows.</summary>
internal sealed record KeyMapping(string Source, string Target, int Part = 0, int Parts = 1);

/// <summary>
/// The names of a checkpoint in the names of Hugging Face's published checkpoints (<c>videomae.encoder.layer.0. ...</c>,
/// <c>...attention.attention.q_bias</c>), which are those of the models here. One pure function of the names.
/// </summary>
/// <remarks>
/// A name that is not understood maps to itself and so turns up as unexpected. A key bias keeps the name <c>key.bias</c>, for which the
/// models have no parameter: it adds the same number to all scores of a query, and the softmax is blind to that.
/// </remarks>
internal static partial class CheckpointKeyMap
{
    // What wrappers put in front of every name: DataParallel, torch.compile, training frameworks, VideoMAE V2's Hugging Face folder.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "model.", "backbone."];

    private static readonly Dictionary<string, string> s_blockNames = new(StringComparer.Ordinal)
    {
        ["norm1"] = "layernorm_before",
        ["norm2"] = "layernorm_after",
        ["attn.proj"] = "attention.output.dense",
        ["mlp.fc1"] = "intermediate.dense",
        ["mlp.fc2"] = "output.dense",
    };

    /// <summary>Maps every name.</summary>
    internal static (CheckpointNaming Naming, IReadOnlyList<KeyMapping> Keys) Map(IReadOnlyCollection<string> names)
    {
        string prefix = Wrapper(names);
        prefix += Place([.. names.Select(name => name[prefix.Length..])]);
        Dictionary<string, string> inner = names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(name => name, name => name[prefix.Length..], StringComparer.Ordinal);
        IEnumerable<KeyMapping> others =
            names.Where(name => !inner.ContainsKey(name)).Select(name => new KeyMapping(name, $"{name} (beside the model)"));
        bool original = inner.Values.Any(name =>
            OriginalBlock().IsMatch(name) || name.Contains("patch_embed.proj.", StringComparison.Ordinal));
        if (original)
        {
            bool decoder = inner.Values.Any(name => name.StartsWith("encoder.", StringComparison.Ordinal));
            return (CheckpointNaming.Original, [.. inner.SelectMany(pair => FromOriginal(pair.Key, pair.Value, decoder)), .. others]);
        }

        bool bare = inner.Values.Any(name =>
            name.StartsWith("embeddings.", StringComparison.Ordinal) || name.StartsWith("encoder.layer.", StringComparison.Ordinal));
        return (CheckpointNaming.HuggingFace,
            [.. inner.Select(pair => new KeyMapping(pair.Key, FromHuggingFace(bare ? $"videomae.{pair.Value}" : pair.Value))), .. others]);
    }

    /// <summary>
    /// What stands before the names of the one model in a checkpoint that has other things beside it: a training module of one's own, with
    /// the model in a field of any name.
    /// </summary>
    /// <exception cref="InvalidDataException">There are several models, such as one and its moving average.</exception>
    private static string Place(IReadOnlyCollection<string> names)
    {
        string[] places = [.. names.Select(name => PatchEmbedding().Match(name)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];
        if (places.Length == 0 || places.Contains(""))
            return "";
        return places.Length == 1 ? places[0] : throw new InvalidDataException(
            $"The weights are of {places.Length} models: {string.Join(", ", places.Select(place => $"'{place}'"))}. Save one of them in " +
            $"Python: torch.save({{k.removeprefix('{places[0]}'): v for k, v in weights.items() if k.startswith('{places[0]}')}}, " +
            "'model.pth').");
    }

    private static string Wrapper(IReadOnlyCollection<string> names)
    {
        string wrapper = "";
        while (s_wrappers.FirstOrDefault(prefix =>
            names.Count > 0 && names.All(name => name.StartsWith(wrapper + prefix, StringComparison.Ordinal))) is string next)
            wrapper += next;
        return wrapper;
    }

    /// <summary>The layout of transformers v5 has the biases inside the projections.</summary>
    internal static string FromHuggingFace(string name) => name
        .Replace(".attention.attention.query.bias", ".attention.attention.q_bias", StringComparison.Ordinal)
        .Replace(".attention.attention.value.bias", ".attention.attention.v_bias", StringComparison.Ordinal);

    private static IEnumerable<KeyMapping> FromOriginal(string source, string name, bool hasEncoderPrefix)
    {
        const string Encoder = "encoder.";
        bool inDecoder = name.StartsWith("decoder.", StringComparison.Ordinal);
        string inner = hasEncoderPrefix && name.StartsWith(Encoder, StringComparison.Ordinal) ? name[Encoder.Length..]
            : inDecoder ? name["decoder.".Length..] : name;
        if (inDecoder && !inner.StartsWith("blocks.", StringComparison.Ordinal))
            return [new KeyMapping(source, name)]; // decoder.norm, decoder.head: the same in both.
        if (Block().Match(inner) is { Success: true } block)
            return Blocks(source, $"{(inDecoder ? "decoder.decoder_layers" : "videomae.encoder.layer")}.{block.Groups[1].Value}.",
                block.Groups[2].Value);
        return [new KeyMapping(source, TopLevel(name, inner))];
    }

    private static string TopLevel(string name, string inner) => inner switch
    {
        "patch_embed.proj.weight" or "patch_embed.proj.bias" =>
            inner.Replace("patch_embed.proj", "videomae.embeddings.patch_embeddings.projection", StringComparison.Ordinal),
        "norm.weight" or "norm.bias" => inner.Replace("norm", "videomae.layernorm", StringComparison.Ordinal),
        "head.weight" or "head.bias" => inner.Replace("head", "classifier", StringComparison.Ordinal),
        _ => name,
    };

    private static IEnumerable<KeyMapping> Blocks(string source, string prefix, string name)
    {
        string attention = $"{prefix}attention.attention.";
        if (name is "attn.q_bias" or "attn.v_bias")
            return [new KeyMapping(source, attention + name["attn.".Length..])];
        if (name == "attn.qkv.weight")
            return ((string[])["query.weight", "key.weight", "value.weight"])
                .Select((part, i) => new KeyMapping(source, attention + part, i, 3));
        if (name == "attn.qkv.bias")
            return ((string[])["q_bias", "key.bias", "v_bias"]).Select((part, i) => new KeyMapping(source, attention + part, i, 3));
        int end = name.LastIndexOf('.');
        return [new KeyMapping(source, end > 0 && s_blockNames.TryGetValue(name[..end], out string? target)
            ? $"{prefix}{target}{name[end..]}" : prefix + name)];
    }

    [GeneratedRegex(@"^blocks\.([0-9]{1,4})\.(.+)$")]
    private static partial Regex Block();

    [GeneratedRegex(@"^(.*?)((videomae\.)?embeddings\.patch_embeddings\.projection|(encoder\.)?patch_embed\.proj)\.weight$")]
    private static partial Regex PatchEmbedding();

    [GeneratedRegex(@"(^|\.)blocks\.[0-9]{1,4}\.(attn|norm1|mlp)\.")]
    private static partial Regex OriginalBlock();
}
