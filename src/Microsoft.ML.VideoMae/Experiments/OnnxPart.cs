// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Features of a video that can be written as ONNX.</summary>
internal interface IOnnxFeatures
{
    /// <summary>What it takes.</summary>
    OnnxPartInput OnnxInput { get; }

    /// <summary>The licence of what it has inside; null for nothing.</summary>
    string? OnnxLicense { get; }

    /// <summary>Adds the features, [B, L], of frames, [B, T, height, width, 3].</summary>
    string AddTo(OnnxGraph graph, string frames);
}

/// <summary>What a part of a model takes. Parts that take the same share an input.</summary>
/// <param name="Sampling">Which frames are taken, in the form of <see cref="FrameSampler.Parse"/>.</param>
/// <param name="NumFrames">How many; null where that is open.</param>
internal sealed record OnnxPartInput(string Sampling, int? NumFrames)
{
    /// <summary>The shorter side that larger frames are made smaller to, as they are decoded; null for their own.</summary>
    public int? MaxShortSide { get; init; }

    /// <summary>The configuration of the model whose pixel values go in, as JSON; null where frames go in.</summary>
    public string? Config { get; init; }

    /// <summary>What makes pixel values, as JSON; null where frames go in.</summary>
    public string? Processor { get; init; }

    /// <summary>The usual name of such an input.</summary>
    public string Kind => Config is null ? OnnxModels.Frames : OnnxModels.PixelValues;

    /// <summary>Declares it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Its name.</param>
    public string Declare(OnnxGraph graph, string name)
    {
        if (Config is null)
            return OnnxFrames.Declare(graph, name, NumFrames, name == OnnxModels.Frames ? "" : $"{name}_");
        var config = VideoMaeConfig.FromJson(Config);
        return graph.Input(name, "Normalised pixel values: frames, channels, height, width",
            "batch", config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width);
    }

    /// <summary>How it is made, for whoever uses the model.</summary>
    public JsonObject Describe(string name)
    {
        var description = new JsonObject { ["name"] = name, ["frame_sampling"] = Sampling };
        if (MaxShortSide is int side)
            description["max_short_side"] = side;
        if (Processor is not null)
            description["preprocessor_config"] = JsonNode.Parse(Processor);
        return description;
    }
}

/// <summary>A part of a model: one of those whose mean it is, or all of it.</summary>
/// <param name="Name">The name of the candidate.</param>
/// <param name="Input">What it takes.</param>
/// <param name="Add">Adds it; gives the values of its classes, or its number, [B, K].</param>
/// <param name="License">The licence of what it has inside; null where none is known.</param>
internal sealed record OnnxPart(string Name, OnnxPartInput Input, Func<OnnxGraph, string, string> Add, string? License);

/// <summary>The mean of small grey frames, and how much each place changes: <see cref="VideoPixelFeaturizingTransformer"/>.</summary>
internal sealed class OnnxPixels(VideoPixelFeaturizingTransformer featurizer) : IOnnxFeatures
{
    private const double White = 255;

    public OnnxPartInput OnnxInput =>
        new(new UniformFrameSampler(featurizer.NumFrames).ToString(), featurizer.NumFrames) { MaxShortSide = featurizer.MaxShortSide };

    public string? OnnxLicense => null;

    public string AddTo(OnnxGraph graph, string frames)
    {
        var areas = new OnnxAreas(graph);
        (string height, string width) = areas.SizeOf(frames);
        string grey = graph.MatrixProduct(                                                                   // [B, T, h, w]
            graph.ToSingle(frames), graph.Singles([3], AreaScaler.Red, AreaScaler.Green, AreaScaler.Blue));
        string small = areas.Resize(
            grey, areas.Shares(height, featurizer.ImageHeight), areas.Shares(width, featurizer.ImageWidth)); // [B, T, H, W]
        string vectors = graph.Add("Reshape",
            [small, graph.Integers(0, featurizer.NumFrames, featurizer.ImageHeight * featurizer.ImageWidth)]);
        return areas.MeanAndChange(vectors, featurizer.NumFrames, White);
    }
}
