// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// What of a checkpoint goes where in a model, decided from names and shapes alone, before anything is allocated. A backbone must be there
/// completely and fit; heads may be missing or of another size and then get initial weights.
/// </summary>
internal sealed class LoadPlan
{
    /// <summary>What stands before the names of the encoder in a whole model.</summary>
    internal const string Backbone = "videomae.";
    internal const string Projection = "videomae.embeddings.patch_embeddings.projection.weight";
    private const int MaxListed = 20;

    private readonly List<string> _notes = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _reinitialized = [];
    private readonly List<string> _unexpected = [];

    private LoadPlan()
    {
    }

    /// <summary>The values by the model's parameter names.</summary>
    internal Dictionary<string, StoredTensor> Loaded { get; } = new(StringComparer.Ordinal);

    /// <summary>The parameters that get initial weights.</summary>
    internal IReadOnlyList<string> Reinitialized => _reinitialized;

    internal KeyReport Report => new([.. Loaded.Keys], _missing, _unexpected, _reinitialized, _notes);

    /// <summary>
    /// Matches weights under full names (<c>videomae. ...</c>) with the parameters of a model, of which names and shapes are enough.
    /// </summary>
    /// <exception cref="InvalidDataException">The backbone is incomplete or another one; the message lists what.</exception>
    internal static LoadPlan Create(
        string path, IReadOnlyDictionary<string, StoredTensor> weights, VideoMaePreTrainedModel model, IEnumerable<string> notes)
    {
        LoadPlan plan = new();
        plan._notes.AddRange(notes);
        (VideoMaeConfig config, ModelKind kind) = (model.Config, model.Kind);
        Dictionary<string, long[]> expected = model.named_parameters()
            .ToDictionary(
                pair => kind == ModelKind.Base ? Backbone + pair.name : pair.name, pair => pair.parameter.shape, StringComparer.Ordinal);
        ProblemList problems = new();
        bool biasesDiffer = AttentionBiases.Differ(config, weights.Keys, problems);
        foreach ((string name, long[] shape) in expected.Where(pair => !biasesDiffer || !AttentionBiases.Are(pair.Key)))
            plan.Match(name, shape, weights, config, kind, problems);
        foreach (string name in weights.Keys.Where(name => !expected.ContainsKey(name) && !(biasesDiffer && AttentionBiases.Are(name))))
            plan.Unexpected(name, config, problems);
        problems.ThrowIfAny($"'{path}' does not hold the weights of this model", message => new InvalidDataException(message), MaxListed);
        plan.Describe(weights, config, kind);
        return plan;
    }

    private static bool IsRequired(string name, IReadOnlyDictionary<string, StoredTensor> weights)
    {
        if (name.StartsWith(Backbone, StringComparison.Ordinal))
            return true;
        // A decoder is either not there at all, or complete.
        bool head = ((string[])["classifier.", "fc_norm.", $"{DisplacementHead.Name}.", $"{VideoMaeForVideoClassification.PoolerName}."])
            .Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
        return !head && weights.ContainsKey("encoder_to_decoder.weight");
    }

    private void Match(
        string name, long[] shape, IReadOnlyDictionary<string, StoredTensor> weights, VideoMaeConfig config, ModelKind kind,
        ProblemList problems)
    {
        string target = kind == ModelKind.Base ? name[Backbone.Length..] : name;
        if (!weights.TryGetValue(name, out StoredTensor? stored))
        {
            _missing.Add(target);
            if (IsRequired(name, weights))
                problems.Add($"{name} is missing.");
            else
                _reinitialized.Add(target);
            return;
        }

        if (name == Projection && config.UseMeanFrameDifference && ChannelAdaptation.Applies(stored, shape)
            && stored.Shape[1] == config.NumChannels)
        {
            _notes.Add("The checkpoint has not seen differences from the mean frame: they start with weights of zero.");
            stored = ChannelAdaptation.Extend(stored, shape[1]);
        }
        else if (name == Projection && ChannelAdaptation.Applies(stored, shape))
        {
            _notes.Add($"The patch embedding was adapted from {stored.Shape[1]} to {shape[1]} channels.");
            stored = ChannelAdaptation.Adapt(stored, shape[1]);
        }

        if (!TorchSharp.torch.is_floating_point(stored.Type))
            problems.Add($"{name} is {stored}; weights are floating point.");
        else if (stored.Shape.SequenceEqual(shape))
            Loaded.Add(target, stored);
        else if (IsRequired(name, weights) && !name.StartsWith("decoder.head.", StringComparison.Ordinal))
            problems.Add($"{name} is {stored}; the configuration makes it {ModelInputs.Text(shape)}.");
        else
            Replace(target, stored, shape);
    }

    private void Replace(string target, StoredTensor stored, long[] shape)
    {
        _reinitialized.Add(target);
        _notes.Add($"{target} has initial weights: the checkpoint's is {ModelInputs.Text(stored.Shape)}, the model's " +
            $"{ModelInputs.Text(shape)}.");
    }

    private void Unexpected(string name, VideoMaeConfig config, ProblemList problems)
    {
        _unexpected.Add(name);
        bool norm = name.StartsWith("videomae.layernorm.", StringComparison.Ordinal) && config.UseMeanPooling;
        if (name.StartsWith(Backbone, StringComparison.Ordinal) && !norm)
            problems.Add($"{name} has no place in the model.");
    }

    private void Describe(IReadOnlyDictionary<string, StoredTensor> weights, VideoMaeConfig config, ModelKind kind)
    {
        bool decoder = weights.ContainsKey("encoder_to_decoder.weight");
        if (kind == ModelKind.Classification && decoder)
            _notes.Add("The checkpoint is one of pre-training: its decoder was dropped, and the classification head has initial weights.");
        else if (kind == ModelKind.Classification && _reinitialized.Contains("classifier.weight"))
            _notes.Add("The classification head has initial weights: its scores mean nothing until it is trained.");
        if (kind == ModelKind.PreTraining && !decoder)
            _notes.Add("The checkpoint has no decoder: it has initial weights, and reconstructions mean nothing until it is trained.");
        if (weights.ContainsKey("videomae.layernorm.weight") && config.UseMeanPooling)
            _notes.Add("The encoder's final layer norm was left out: the model averages tokens (use_mean_pooling) and normalises the " +
                "mean.");
    }
}

/// <summary>The biases of queries and values, which all blocks of the encoder have or none.</summary>
internal static class AttentionBiases
{
    internal static bool Are(string name) => name.StartsWith(LoadPlan.Backbone, StringComparison.Ordinal)
        && (name.EndsWith(".attention.q_bias", StringComparison.Ordinal) || name.EndsWith(".attention.v_bias", StringComparison.Ordinal));

    /// <summary>
    /// Whether a configuration says that there are none and a checkpoint has some, or the reverse. That is one problem, and not one for
    /// each block.
    /// </summary>
    internal static bool Differ(VideoMaeConfig config, IEnumerable<string> names, ProblemList problems)
    {
        int count = names.Count(Are);
        if (config.QkvBias == count > 0)
            return false;
        problems.Add(config.QkvBias
            ? "Queries and values have no biases in the weights, and the configuration says that they have some: qv_bias (qkv_bias " +
                "before transformers 5) is true. Set it to false in config.json."
            : $"Queries and values have {count} biases in the weights, and the configuration says that they have none: qv_bias " +
                "(qkv_bias before transformers 5) is false. Set it to true in config.json.");
        return true;
    }
}

/// <summary>
/// Fits a patch embedding [D, C, t, h, w] to another number of channels, so that an input whose channels all hold the same picture gives
/// about the same tokens as before: one channel gets the sum of the kernels, others their repetition scaled by old / new.
/// </summary>
internal static class ChannelAdaptation
{
    internal static bool Applies(StoredTensor stored, long[] shape) =>
        stored.Shape.Length == 5 && shape.Length == 5 && stored.Shape[1] != shape[1] && stored.Shape[1] > 0
        && stored.Shape.Where((_, i) => i != 1).SequenceEqual(shape.Where((_, i) => i != 1));

    /// <summary>With further channels, whose weights are zero.</summary>
    internal static StoredTensor Extend(StoredTensor stored, long channels) =>
        new(ScalarType.Float32, [stored.Shape[0], channels, .. stored.Shape.Skip(2)], () =>
    {
        using var scope = NewDisposeScope();
        Tensor kernel = stored.Load().to(ScalarType.Float32); // [D, C, t, h, w]
        Tensor none = zeros([stored.Shape[0], channels - stored.Shape[1], .. stored.Shape.Skip(2)]);
        return cat([kernel, none], 1).MoveToOuterDisposeScope();
    });

    internal static StoredTensor Adapt(StoredTensor stored, long channels) =>
        new(ScalarType.Float32, [stored.Shape[0], channels, .. stored.Shape.Skip(2)], () =>
    {
        using var scope = NewDisposeScope();
        Tensor kernel = stored.Load().to(ScalarType.Float32); // [D, C, t, h, w]
        long old = stored.Shape[1];
        if (channels == 1)
            return kernel.sum([1], keepdim: true).MoveToOuterDisposeScope();
        Tensor index = KeptScalars.Range(channels, CPU).Modulo(old);
        return kernel.index_select(1, index).Times((double)old / channels).MoveToOuterDisposeScope();
    });
}
