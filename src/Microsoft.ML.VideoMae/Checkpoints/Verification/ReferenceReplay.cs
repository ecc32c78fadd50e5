// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Runs a model on recorded inputs and names what comes out as reference files do.</summary>
internal sealed class ReferenceReplay
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);
    private readonly VideoMaePreTrainedModel _model;
    private readonly IReadOnlyDictionary<string, Tensor> _inputs;
    private readonly Tensor _pixels;

    internal ReferenceReplay(VideoMaePreTrainedModel model, IReadOnlyDictionary<string, Tensor> inputs, string file)
    {
        _model = model;
        _inputs = inputs;
        if (!inputs.TryGetValue("pixel_values", out Tensor? pixels) && !inputs.TryGetValue("pixel_values_btchw", out pixels))
            throw new InvalidDataException($"'{file}' holds no pixel_values [B, T, C, H, W] to replay.");
        _pixels = pixels.to(ScalarType.Float32).detach();
    }

    /// <summary>Every output by name; the tensors belong to the caller's dispose scope.</summary>
    internal Dictionary<string, Tensor> Run(bool gradients)
    {
        using (no_grad())
        {
            switch (_model)
            {
                case VideoMaeForVideoClassification classifier: Classify(classifier); break;
                case VideoMaeForPreTraining preTraining: Reconstruct(preTraining); break;
                case VideoMaeModel encoder:
                    Encode(encoder, "");
                    if (_inputs.TryGetValue("bool_masked_pos", out Tensor? masked))
                        Encode(encoder, "masked.", masked);
                    break;
            }
        }

        if (gradients)
            Differentiate();
        return _outputs;
    }

    private void Classify(VideoMaeForVideoClassification model)
    {
        Encode(model.Encoder, "");
        VideoMaeClassificationOutput output = model.forward(_pixels, MainLabels(model.Config));
        _outputs["logits"] = output.Logits;
        _outputs["probabilities"] = output.Logits.softmax(-1);
        _outputs["features_fc_norm"] = model.Features(_pixels);
        Put("loss", output.Loss);
        if (_inputs.TryGetValue("labels_multi_label", out Tensor? multi) && model.Config.NumLabels > 1)
            _outputs["loss_multi_label"] = Loss(VideoMaeProblemType.MultiLabelClassification, multi);
        if (_inputs.TryGetValue("labels_regression_multi", out Tensor? regression) && model.Config.NumLabels > 1)
            _outputs["loss_regression_multi"] = Loss(VideoMaeProblemType.Regression, regression);
        // Class indices alone can be left out of a mean; the labels of several classes at once are numbers.
        if (_inputs.TryGetValue("labels", out Tensor? labels) && model.Config.NumLabels > 1 && !is_floating_point(labels.dtype))
        {
            Tensor ignored = labels.clone();
            ignored.narrow(0, 0, 1).SetAll(-100);
            _outputs["loss_ignore_index"] = Loss(VideoMaeProblemType.SingleLabelClassification, ignored);
        }

        Tensor Loss(VideoMaeProblemType type, Tensor target) =>
            ClassificationLoss.Compute(output.Logits, target, model.Config with { ProblemType = type });
    }

    private Tensor? MainLabels(VideoMaeConfig config) =>
        _inputs.TryGetValue(config.NumLabels == 1 ? "labels_regression" : "labels", out Tensor? labels)
            || _inputs.TryGetValue("labels", out labels) ? labels : null;

    private void Reconstruct(VideoMaeForPreTraining model)
    {
        Encode(model.Encoder, "");
        Encode(model.Encoder, "unmasked.");
        foreach ((string prefix, string input) in ((string, string)[])[("masked.", "bool_masked_pos"),
            ("masked_random.", "bool_masked_pos_random")])
        {
            if (!_inputs.TryGetValue(input, out Tensor? masked))
                continue;
            Encode(model.Encoder, prefix, masked);
            VideoMaePreTrainingOutput output = model.forward(_pixels, masked);
            Tensor decoded = ModelInputs.Positions(masked, "masked");
            _outputs[$"{prefix}logits"] = output.Logits;
            _outputs[$"{prefix}loss"] = output.Loss!;
            foreach (bool normalized in (bool[])[true, false])
            {
                if (normalized || model.Config.NumChannels == 3)
                    _outputs[$"{prefix}norm_pix_{(normalized ? "true" : "false")}.loss"] = ReconstructionLoss.Compute(output.Logits,
                        _pixels, decoded, null, model.Config with { NormPixLoss = normalized });
            }

            if (prefix == "masked.")
                Unprefixed(model, decoded);
        }
    }

    /// <summary>The names of files with a single mask.</summary>
    private void Unprefixed(VideoMaeForPreTraining model, Tensor decoded)
    {
        _outputs["logits"] = _outputs["masked.logits"];
        _outputs["loss"] = _outputs["masked.loss"];
        _outputs["encoder_output"] = _outputs["masked.last_hidden_state"];
        _outputs["targets_norm_pix_true"] = ReconstructionLoss.Targets(_pixels, decoded, model.Config with { NormPixLoss = true });
        foreach (string which in (string[])["true", "false"])
        {
            if (_outputs.TryGetValue($"masked.norm_pix_{which}.loss", out Tensor? loss))
                _outputs[$"loss_norm_pix_{which}"] = loss;
        }
    }

    private void Encode(VideoMaeModel encoder, string prefix, Tensor? masked = null)
    {
        VideoMaeModelOutput output = encoder.forward(_pixels, masked, outputHiddenStates: true, outputAttentions: true);
        _outputs[$"{prefix}last_hidden_state"] = output.LastHiddenState;
        for (int i = 0; i < output.HiddenStates!.Count; i++)
            _outputs[$"{prefix}hidden_states.{i}"] = output.HiddenStates[i];
        for (int i = 0; i < output.Attentions!.Count; i++)
            _outputs[$"{prefix}attentions.{i}"] = output.Attentions[i];
    }

    private void Differentiate()
    {
        Tensor pixels = _pixels.clone().requires_grad_(true);
        Tensor? loss = _model switch
        {
            VideoMaeForVideoClassification classifier when MainLabels(classifier.Config) is Tensor labels =>
                classifier.forward(pixels, labels).Loss,
            VideoMaeForPreTraining preTraining when _inputs.TryGetValue("bool_masked_pos", out Tensor? masked) =>
                preTraining.forward(pixels, masked).Loss,
            _ => null,
        };
        if (loss is null)
            return;
        loss.backward();
        foreach ((string name, Parameter parameter) in _model.named_parameters())
            Put($"grad.{name}", parameter.grad);
        Put("grad_pixel_values", pixels.grad);
    }

    private void Put(string name, Tensor? value)
    {
        if (value is not null)
            _outputs[name] = value;
    }
}

/// <summary>What the names in a reference file mean.</summary>
internal static class ReferenceNames
{
    private const string Gradient = "grad.";

    private static readonly HashSet<string> s_inputs = new(StringComparer.Ordinal)
    {
        "pixel_values", "pixel_values_btchw", "videos_bcthw", "bool_masked_pos", "bool_masked_pos_random",
        "labels", "labels_multi_label", "labels_regression", "labels_regression_multi",
    };

    internal static bool IsInput(string name) => s_inputs.Contains(name);

    internal static bool IsGradient(string output) =>
        output.StartsWith(Gradient, StringComparison.Ordinal) || output == "grad_pixel_values";

    internal static bool IsLoss(string output) => output.Split('.')[^1].StartsWith("loss", StringComparison.Ordinal);

    /// <summary>The output each expected tensor stands for, without those of the other naming.</summary>
    internal static IReadOnlyDictionary<string, string> Map(IEnumerable<string> names, string file, CheckpointNaming naming)
    {
        const string Original = "original.", Converted = "hf_converted.";
        bool gradients = file.EndsWith("_grads.safetensors", StringComparison.OrdinalIgnoreCase);
        (string mine, string other) = naming == CheckpointNaming.Original ? (Original, Converted) : (Converted, Original);
        return names.Where(name => !IsInput(name) && !name.StartsWith(other, StringComparison.Ordinal)).ToDictionary(
            name => name,
            name => CheckpointKeyMap.FromHuggingFace(
                gradients ? Gradient + name : name.StartsWith(mine, StringComparison.Ordinal) ? name[mine.Length..] : name),
            StringComparer.Ordinal);
    }
}
