// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Replays inputs that were recorded with another implementation and compares what comes out: the proof that a checkpoint gives the same
/// numbers here.
/// </summary>
/// <remarks>
/// Inputs: <c>pixel_values</c> (or <c>pixel_values_btchw</c>) [B, T, C, H, W], <c>bool_masked_pos</c>, <c>bool_masked_pos_random</c> [B,
/// N], <c>labels</c>, <c>labels_multi_label</c>, <c>labels_regression</c>, <c>labels_regression_multi</c>.
/// Outputs: <c>logits</c>, <c>probabilities</c>, <c>loss</c> and <c>loss_*</c>, <c>last_hidden_state</c>, <c>hidden_states.0</c>...,
/// <c>attentions.0</c>..., <c>grad.PARAMETER</c>, <c>grad_pixel_values</c>; of pre-training with the prefix <c>masked.</c>,
/// <c>masked_random.</c> or <c>unmasked.</c> as well; a prefix <c>original.</c> or <c>hf_converted.</c> counts for checkpoints with those
/// names only. In a file called <c>*_grads.safetensors</c> every tensor is the gradient of the parameter of its name.
/// </remarks>
public static class ReferenceVerifier
{
    private const double Values = 2e-5;
    private const double ValuesRelativeToLargest = 1e-5;
    private const double Losses = 2e-6;
    private const double Gradients = 1e-5;
    private const double GradientsRelative = 1e-4;

    /// <summary>Loads a model in float32, replays the inputs and compares the outputs.</summary>
    /// <param name="model">The checkpoint: a folder, a file or a hub id.</param>
    /// <param name="reference">A safetensors file with inputs and, where <paramref name="expected"/> is null, expected outputs.</param>
    /// <param name="expected">A safetensors file with expected outputs.</param>
    /// <param name="tolerance">
    /// The largest absolute difference allowed for every tensor; null means 2e-5 (or 1e-5 of the largest value) for values, 2e-6 for
    /// losses, and 1e-5 + 1e-4 relative for gradients.
    /// </param>
    /// <param name="options">What the checkpoint is loaded as, where that is not just what it is.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, has no pixel values, or none of its outputs is one of the model.
    /// </exception>
    public static ReferenceVerification Verify(string model, string reference, string? expected = null, double? tolerance = null,
        PretrainedOptions? options = null)
    {
        using IDisposable mode = TorchMode.Recording();
        using SafetensorsContent inputs = SafetensorsReader.Load(reference);
        using SafetensorsContent outputs = expected is null ? inputs : SafetensorsReader.Load(expected);
        string file = expected ?? reference;
        using VideoMaePreTrainedModel loaded = ReferenceModel.Load(model, options, out CheckpointNaming naming);
        IReadOnlyDictionary<string, string> names = ReferenceNames.Map(outputs.Tensors.Keys, file, naming);

        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> actual = new ReferenceReplay(loaded, inputs.Tensors, reference)
            .Run(gradients: names.Values.Any(ReferenceNames.IsGradient));
        List<ReferenceComparison> comparisons = [];
        foreach ((string name, string output) in names.Where(pair => actual.ContainsKey(pair.Value))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal))
            comparisons.Add(Compare(name, output, outputs.Tensors[name], actual[output], tolerance));
        string[] skipped = [.. outputs.Tensors.Keys.Where(name =>
            !ReferenceNames.IsInput(name) && !comparisons.Any(comparison => comparison.Name == name)).Order(StringComparer.Ordinal)];
        return comparisons.Count > 0
            ? new ReferenceVerification(comparisons, skipped, loaded.LoadReport!)
            : throw new InvalidDataException($"'{file}' holds nothing this model produces from the inputs in '{reference}'. It holds " +
                $"{string.Join(", ", outputs.Tensors.Keys.Take(10))}.");
    }

    private static ReferenceComparison Compare(string name, string output, Tensor expected, Tensor actual, double? tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor reference = expected.to(ScalarType.Float64);
        Tensor value = actual.to(ScalarType.Float64);
        if (value.numel() == 1 && reference.numel() == 1)
            value = value.reshape(reference.shape); // Scalars are stored as [1].
        double largest = reference.numel() == 0 ? 0 : reference.abs().max().item<double>();
        if (!value.shape.SequenceEqual(reference.shape))
            return new ReferenceComparison(name, double.PositiveInfinity, largest, false);
        Tensor difference = (value - reference).abs();
        double worst = difference.numel() == 0 ? 0 : difference.max().item<double>();
        Tensor allowed = tolerance is double same ? zeros_like(reference).Plus(same)
            : ReferenceNames.IsGradient(output) ? reference.abs().Times(GradientsRelative).Plus(Gradients)
            : zeros_like(reference).Plus(ReferenceNames.IsLoss(output) ? Losses : Math.Max(Values, ValuesRelativeToLargest * largest));
        bool passed = double.IsFinite(worst) && difference.le(allowed).all().item<bool>();
        return new ReferenceComparison(name, double.IsNaN(worst) ? double.PositiveInfinity : worst, largest, passed);
    }
}

/// <summary>How a model compares with a reference.</summary>
public sealed class ReferenceVerification
{
    internal ReferenceVerification(IReadOnlyList<ReferenceComparison> comparisons, IReadOnlyList<string> skipped, KeyReport loadReport)
    {
        Comparisons = comparisons;
        Skipped = skipped;
        LoadReport = loadReport;
    }

    /// <summary>Every expected tensor that was compared, in the order of their names; at least one.</summary>
    public IReadOnlyList<ReferenceComparison> Comparisons { get; }

    /// <summary>The names in the file of expected tensors that this model does not produce.</summary>
    public IReadOnlyList<string> Skipped { get; }

    /// <summary>What was loaded from the checkpoint.</summary>
    public KeyReport LoadReport { get; }

    /// <summary>Whether everything that was compared is within its tolerance.</summary>
    public bool Passed => Comparisons.All(comparison => comparison.Passed);
}

/// <summary>One expected tensor and how far a model is from it.</summary>
public sealed record ReferenceComparison
{
    internal ReferenceComparison(string name, double largestDifference, double largestExpected, bool passed)
    {
        Name = name;
        LargestDifference = largestDifference;
        LargestExpected = largestExpected;
        Passed = passed;
    }

    /// <summary>The tensor's name in the reference file.</summary>
    public string Name { get; }

    /// <summary>The largest absolute difference; infinite where shapes differ or a value is not finite.</summary>
    public double LargestDifference { get; }

    /// <summary>The largest absolute expected value.</summary>
    public double LargestExpected { get; }

    /// <summary>Whether every element is within the tolerance.</summary>
    public bool Passed { get; }
}

/// <summary>Loads a checkpoint as the model it is: that of config.json's architectures, or else what its weights say.</summary>
internal static class ReferenceModel
{
    internal static VideoMaePreTrainedModel Load(string pathOrId, PretrainedOptions? options, out CheckpointNaming naming)
    {
        using PretrainedFiles files = PretrainedFiles.Find(pathOrId, options?.Hub);
        string? config = files.ConfigPath;
        HashSet<string> targets;
        using (CheckpointFile file = CheckpointFile.Open(files.WeightsPath))
        {
            (naming, IReadOnlyList<KeyMapping> keys) = CheckpointKeyMap.Map([.. file.Tensors.Keys]);
            targets = [.. keys.Select(key => key.Target)];
        }

        string? architecture = config is null ? null
            : VideoMaeConfig.Load(config).AdditionalFields.TryGetValue("architectures", out JsonNode? node)
                && node is JsonArray { Count: > 0 } list ? list[0]?.ToString() : null;
        bool preTraining = architecture == "VideoMAEForPreTraining"
            || (architecture is null && targets.Contains("encoder_to_decoder.weight"));
        bool classification = architecture == "VideoMAEForVideoClassification"
            || (architecture is null && targets.Contains("classifier.weight"));
        return PretrainedLoader.Load<VideoMaePreTrainedModel>(
            files,
            preTraining ? model => new VideoMaeForPreTraining(model, random: null)
                : classification ? model => new VideoMaeForVideoClassification(model, random: null)
                : model => new VideoMaeModel(model, random: null),
            dtype: null, device: null, options);
    }
}
