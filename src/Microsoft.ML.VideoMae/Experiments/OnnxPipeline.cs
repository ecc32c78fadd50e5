// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>One graph of the parts of a model: their probabilities to the power of their sharpness, or their numbers, and the mean.</summary>
internal sealed class OnnxPipeline : IDisposable
{
    private readonly List<SharedModel.Lease> _leases = [];
    private readonly List<(VideoModel Model, OnnxEncoder Encoder)> _encoders = [];
    private readonly OnnxPart[] _parts;
    private readonly string[] _names;
    private readonly float[] _sharpness;
    private readonly float _sharpnessOfMean;
    private readonly IReadOnlyList<string> _labels;
    private readonly OnnxExportOptions _options;

    /// <param name="parts">The parts.</param>
    /// <param name="sharpness">The power that the probabilities of each are raised to.</param>
    /// <param name="sharpnessOfMean">The power that their mean is raised to.</param>
    /// <param name="labels">The names of the classes; none for numbers.</param>
    /// <param name="options">What goes into VideoMAE models, and their precision. Other parts take frames.</param>
    public OnnxPipeline(
        IReadOnlyList<FoundPart> parts, float[] sharpness, float sharpnessOfMean, IReadOnlyList<string> labels, OnnxExportOptions options)
    {
        (_sharpness, _sharpnessOfMean, _labels, _options) = (sharpness, sharpnessOfMean, labels, options);
        _parts = [.. parts.Select(p => p.Network is null ? OfFeatures(p) : OfNetwork(p))];
        _names = NamesOf(_parts);
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        var graph = new OnnxGraph();
        Dictionary<OnnxPartInput, string> inputs = Declare(graph);
        bool isOfClasses = _labels.Count > 0;
        string[] outputs = new string[_parts.Length]; // [B, K]
        for (int i = 0; i < _parts.Length; i++)
        {
            graph.Scope = _parts.Length == 1 ? "" : $"{_names[i]}.";
            string values = _parts[i].Add(graph, inputs[_parts[i].Input]);
            outputs[i] = isOfClasses ? OnnxHead.Sharpen(graph, values, _sharpness[i]) : values;
        }

        graph.Scope = "";
        Deliver(graph, outputs, isOfClasses);
        OnnxFile.Write(path, graph, Metadata(inputs));
    }

    public void Dispose()
    {
        foreach (SharedModel.Lease lease in _leases)
            lease.Dispose();
    }

    private static OnnxPart OfFeatures(FoundPart part) => new(part.Name, part.Features!.OnnxInput,
        (graph, frames) => part.Linear!.Add(graph, part.Features.AddTo(graph, frames)), part.Features.OnnxLicense);

    private OnnxPart OfNetwork(FoundPart part)
    {
        SharedModel.Lease lease = part.Network!.RentForOnnx();
        _leases.Add(lease);
        VideoModel model = lease.Value;
        bool takesFrames = _options.Input == OnnxInput.Frames;
        var input = new OnnxPartInput(model.Sampler.ToString(), model.Config.NumFrames)
        {
            Config = takesFrames ? null : SizesOf(model.Config),
            Processor = takesFrames ? null : model.Processor.ToJson(),
        };
        return new OnnxPart(part.Name, input, (graph, given) =>
        {
            graph.IsHalf = _options.Precision == WeightStorage.Float16;
            string values = OnnxModels.AddPart(
                graph, model.Weights, part.Linear, part.Layer ?? 0, EncoderOf(graph, model, given));
            graph.IsHalf = false;
            return values;
        }, OnnxExport.LicenseOf(model.Weights));
    }

    /// <summary>The encoder of a part. Parts that have the same one share it, whatever each makes of its tokens.</summary>
    private OnnxEncoder EncoderOf(OnnxGraph graph, VideoModel model, string given)
    {
        if (_encoders.FirstOrDefault(e => e.Model.HasEncoderOf(model)).Encoder is OnnxEncoder known)
            return known;
        string pixels = _options.Input == OnnxInput.Frames
            ? new OnnxFrames(graph, model.Processor.Options).Add(model.Config, given) : given;
        var encoder = OnnxEncoder.Of(graph, model.Weights, graph.ToComputed(pixels));
        _encoders.Add((model, encoder));
        return encoder;
    }

    /// <summary>Parts that take the same share an input. Where all do, it has its usual name.</summary>
    private Dictionary<OnnxPartInput, string> Declare(OnnxGraph graph)
    {
        var inputs = new Dictionary<OnnxPartInput, string>();
        bool isOne = _parts.Select(p => p.Input).Distinct().Count() == 1;
        foreach ((OnnxPart part, string name) in _parts.Zip(_names).DistinctBy(p => p.First.Input))
            inputs[part.Input] = part.Input.Declare(graph, isOne ? part.Input.Kind : $"{name}_{part.Input.Kind}");
        return inputs;
    }

    private void Deliver(OnnxGraph graph, string[] outputs, bool isOfClasses)
    {
        int count = isOfClasses ? _labels.Count : 1;
        if (isOfClasses && outputs.Length == 1)
            graph.Output(graph.Named(outputs[0], OnnxModels.Logits), "One value for each class", "batch", count);
        if (isOfClasses)
            outputs = [.. outputs.Select(o => graph.Add("Softmax", [o], [OnnxGraph.Integer("axis", -1)]))];
        string sum = outputs.Aggregate((one, other) => graph.Sum(one, other));
        bool isSharpened = isOfClasses && _sharpnessOfMean != 1;
        string name = isOfClasses ? OnnxModels.Probabilities : OnnxModels.Logits;
        string mean = graph.Quotient(sum, graph.Single(outputs.Length), isSharpened ? null : name);
        if (isSharpened)
            mean = OnnxHead.SharpenProbabilities(graph, mean, _sharpnessOfMean, name);
        graph.Output(mean, isOfClasses ? "The probability of each class" : "The number", "batch", count);
    }

    private Dictionary<string, string> Metadata(Dictionary<OnnxPartInput, string> inputs)
    {
        var described = new JsonArray([.. inputs.Select(i => i.Key.Describe(i.Value))]);
        var metadata = new Dictionary<string, string>
        {
            ["labels"] = JsonSerializer.Serialize(_labels),
            ["inputs"] = described.ToJsonString(),
            ["parts"] = JsonSerializer.Serialize(_parts.Select(p => p.Name)),
        };
        if (inputs.Count == 1)
            metadata["frame_sampling"] = inputs.Keys.Single().Sampling;
        string[] licenses = [.. _parts.Select(p => p.License).OfType<string>().Distinct()];
        if (licenses.Length > 0)
            metadata["license"] = string.Join("; ", licenses);
        return metadata;
    }

    /// <summary>Names of letters, digits and underscores. Where two are the same then, the later one gets a number.</summary>
    private static string[] NamesOf(OnnxPart[] parts)
    {
        var names = new List<string>();
        foreach (OnnxPart part in parts)
        {
            string plain = string.Concat(part.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_'));
            string name = plain;
            for (int number = 2; names.Contains(name); number++)
                name = $"{plain}_{number}";
            names.Add(name);
        }

        return [.. names];
    }

    /// <summary>What of a configuration decides what pixel values are: models of different depth may share them.</summary>
    private static string SizesOf(VideoMaeConfig config) => new VideoMaeConfig
    {
        ImageSize = config.ImageSize,
        PatchSize = config.PatchSize,
        TubeletSize = config.TubeletSize,
        NumFrames = config.NumFrames,
        NumChannels = config.NumChannels,
    }.ToJson();
}
