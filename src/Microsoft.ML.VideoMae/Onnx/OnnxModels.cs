// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx.Format;
using Microsoft.ML.VideoMae.Processing;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>The graphs of the three kinds of models, for any number of clips at a time. Weights are read when they are written.</summary>
internal static class OnnxModels
{
    public const string PixelValues = "pixel_values";
    public const string Frames = "frames";
    public const string BoolMaskedPos = "bool_masked_pos";
    public const string Logits = "logits";
    public const string Probabilities = "probabilities";
    public const string Features = "features";
    public const string LastHiddenState = "last_hidden_state";
    public const string Reconstruction = "reconstruction";

    /// <summary>The set of operators: the first with LayerNormalization, so that old runtimes read the file as well.</summary>
    public const int OperatorSet = 17;

    /// <summary>The graph of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What goes in and out.</param>
    /// <param name="processor">What is done to frames, where they go in.</param>
    /// <param name="head">What follows the model; null for nothing.</param>
    public static OnnxGraph Build(
        VideoMaePreTrainedModel model, OnnxExportOptions options, VideoMaeImageProcessor? processor = null, OnnxHead? head = null)
    {
        VideoMaeConfig config = model.Config;
        var graph = new OnnxGraph();
        string pixels = options.Input == OnnxInput.Frames
            ? new OnnxFrames(graph, processor!.Options).Add(config)
            : graph.Input(PixelValues, "Normalised pixel values: frames, channels, height, width",
                "batch", config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width);
        graph.IsHalf = options.Precision == WeightStorage.Float16;
        string values = graph.ToComputed(pixels);
        if (head?.Linear is OnnxLinear linear)
            AddProbabilities(graph, linear.Add(graph, FeaturesOf(graph, OnnxEncoder.Of(graph, model, values), options.FeatureLayer).Features),
                linear.Biases.Length == 1 ? OutputActivation.None : OutputActivation.Softmax, linear.Biases.Length, head.Sharpness);
        else if (options.Output == OnnxOutput.Features || model is VideoMaeModel)
            AddFeatures(graph, OnnxEncoder.Of(graph, model, values), options.FeatureLayer);
        else if (model is VideoMaeForVideoClassification classifier)
            AddProbabilities(graph, ValuesOf(graph, OnnxEncoder.Of(graph, model, values), classifier), OutputActivations.Of(config),
                config.NumLabels, head?.Sharpness ?? 1);
        else
            new OnnxReconstruction(graph, new OnnxNetwork(graph, model), (VideoMaeForPreTraining)model).Add(pixels, values);
        return graph;
    }

    /// <summary>Adds a model as a part of a larger graph, with what follows it: the values of its classes, or its number, [B, K].</summary>
    /// <param name="graph">The graph. Its weights of 16 bits are so for this part alone.</param>
    /// <param name="model">The model.</param>
    /// <param name="linear">A linear model on its features; null for its own head.</param>
    /// <param name="featureLayer">The block that gives the features, as in <see cref="OnnxExportOptions.FeatureLayer"/>.</param>
    /// <param name="encoder">The encoder of the model, or that of another part that has the same.</param>
    public static string AddPart(
        OnnxGraph graph, VideoMaePreTrainedModel model, OnnxLinear? linear, int featureLayer, OnnxEncoder encoder) =>
        linear?.Add(graph, FeaturesOf(graph, encoder, featureLayer).Features)
            ?? ValuesOf(graph, encoder, (VideoMaeForVideoClassification)model);

    /// <summary>What VideoMaeFeatures gives, and the tokens.</summary>
    private static void AddFeatures(OnnxGraph graph, OnnxEncoder encoder, int layer)
    {
        VideoMaeConfig config = encoder.Config;
        (string features, string tokens) = FeaturesOf(graph, encoder, layer);
        bool isCells = layer == OnnxExport.Cells;
        graph.Output(graph.Named(features, Features), isCells ? "Place and change of the tokens" : "The mean of the tokens", "batch",
            isCells ? CellPooling.Length(config) : config.HiddenSize);
        graph.Output(graph.FromComputed(tokens, LastHiddenState), "The tokens", "batch", config.NumPatches, config.HiddenSize);
    }

    /// <summary>Features of 32 bits, [B, L], and the tokens that they are made of, [B, N, D].</summary>
    private static (string Features, string Tokens) FeaturesOf(OnnxGraph graph, OnnxEncoder encoder, int layer)
    {
        if (layer == OnnxExport.Cells)
            return Cells(graph, encoder);
        string tokens = layer == 0 ? encoder.Last() : encoder.After(layer);
        return (graph.FromComputed(graph.Mean(tokens, 1)), tokens);
    }

    private static (string Features, string Tokens) Cells(OnnxGraph graph, OnnxEncoder encoder)
    {
        VideoMaeConfig config = encoder.Config;
        string tokens = encoder.After(config.NumHiddenLayers);
        IEnumerable<string> blocks = Enumerable.Range(0, CellPooling.Blocks(config)).Select(i => encoder.After(config.NumHiddenLayers - i));
        return (new OnnxCells(graph, config).Add([.. blocks.Select(b => graph.FromComputed(b))]), tokens);
    }

    /// <summary>What the head gives, in 32 bits, [B, K].</summary>
    private static string ValuesOf(OnnxGraph graph, OnnxEncoder encoder, VideoMaeForVideoClassification model)
    {
        var network = new OnnxNetwork(graph, model);
        string pooled = model.Config.UseCellPooling
            ? graph.ToComputed(Cells(graph, encoder).Features) : Pool(graph, network, encoder.Last(), model);
        return graph.FromComputed(network.Linear(pooled, model.Head));
    }

    private static void AddProbabilities(OnnxGraph graph, string values, OutputActivation activation, int count, float sharpness)
    {
        string logits = OnnxHead.Sharpen(graph, values, sharpness, Logits);
        graph.Output(logits, "One value for each class", "batch", count);
        string? probabilities = activation switch
        {
            OutputActivation.Softmax => graph.Add("Softmax", [logits], [OnnxGraph.Integer("axis", -1)], Probabilities),
            OutputActivation.Sigmoid => graph.Add("Sigmoid", [logits], output: Probabilities),
            _ => null, // Numbers, or log-odds.
        };
        if (probabilities is not null)
            graph.Output(probabilities, "The probability of each class", "batch", count);
    }

    /// <summary>[B, N, D] to [B, D], as <see cref="VideoMaeForVideoClassification"/> pools.</summary>
    private static string Pool(OnnxGraph graph, OnnxNetwork network, string tokens, VideoMaeForVideoClassification model)
    {
        VideoMaeConfig config = model.Config;
        if (model.Pooler is AttentivePooler pooler)
        {
            string normalized = network.Norm(tokens, pooler.NormBefore);
            // The query is the same for all clips: a product broadcasts it, but splitting heads keeps its one row.
            string query = network.Weight(pooler, "query", [1, 1, config.HiddenSize], () => pooler.Query.unsqueeze(0));
            string pooled = network.Attend(query, network.Linear(normalized, pooler.Key), network.Linear(normalized, pooler.Value), config);
            string flat = graph.Add("Reshape", [pooled, graph.Integers(0, config.HiddenSize)]);
            return network.Norm(network.Linear(flat, pooler.Output), pooler.NormAfter);
        }

        if (model.Norm is LayerNormalization norm)
            return network.Norm(graph.Mean(tokens, 1), norm);
        if (config.UseNormedMeanPooling)
            return graph.Mean(tokens, 1);
        string first = graph.Add("Slice", [tokens, graph.Integers(0), graph.Integers(1), graph.Integers(1)]); // [B, 1, D]
        return graph.Add("Reshape", [first, graph.Integers(0, config.HiddenSize)]);
    }
}

/// <summary>The graph of a masked autoencoder: what it makes of what it is not shown. Letters are those of PreTraining.cs.</summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="network">Its parts.</param>
/// <param name="model">The model.</param>
internal sealed class OnnxReconstruction(OnnxGraph graph, OnnxNetwork network, VideoMaeForPreTraining model)
{
    private readonly VideoMaeConfig _config = model.Config;

    /// <param name="pixels">Pixel values of 32 bits, [B, T, C, H, W].</param>
    /// <param name="values">The same in the type that is computed with.</param>
    public void Add(string pixels, string values)
    {
        string mask = graph.TypedInput(OnnxModels.BoolMaskedPos, "The patches that are hidden, as many for every clip",
            TensorProto.Types.DataType.Bool, "batch", _config.NumPatches);
        string visible = Positions(mask, graph.Add("Not", [mask])), masked = Positions(mask, mask); // [B, v], [B, m]
        string tokens = network.Embed(values, model.Encoder.Embeddings.Projection);                 // [B, N, D]
        string decoded = Decode(new OnnxEncoder(network, model.Encoder, Take(tokens, visible)).Last(), visible, masked);
        string logits = graph.FromComputed(decoded, OnnxModels.Logits);                             // [B, m, P]
        graph.Output(logits, "The pixels of hidden patches, as in training", "batch", "masked", _config.PatchDimension);
        string whole = graph.Named(Complete(pixels, masked, logits), OnnxModels.Reconstruction);
        graph.Output(whole, "Frames with what the model makes of hidden patches, 0 to 1: frames, height, width, channels", "batch",
            _config.NumFrames, _config.ImageSize.Height, _config.ImageSize.Width, _config.NumChannels);
    }

    /// <summary>The positions that are true, in their order: [B, N] to [B, n].</summary>
    private string Positions(string mask, string chosen)
    {
        string batch = graph.Add("Gather", [graph.Add("Shape", [mask]), graph.Integers(0)]);
        string all = graph.Add("NonZero", [chosen]); // [2, B n]: clips, positions
        string positions = graph.Add("Slice", [all, graph.Integers(1), graph.Integers(2), graph.Integers(0)]);
        string shape = graph.Add("Concat", [batch, graph.Integers(-1)], [OnnxGraph.Integer("axis", 0)]);
        return graph.Add("Reshape", [positions, shape]);
    }

    /// <summary>Rows of [B, N, ...] by an index [B, n]: [B, n, ...].</summary>
    private string Take(string rows, string index) => graph.Add(
        "GatherND", [rows, graph.Add("Unsqueeze", [index, graph.Integers(-1)])], [OnnxGraph.Integer("batch_dims", 1)]);

    private string Decode(string encoded, string visible, string masked)
    {
        int width = _config.DecoderHiddenSize;
        string positions = graph.Weight("decoder.positions", [_config.NumPatches, width],
            () => SinusoidPositions.Table(_config, width).squeeze(0));
        string seen = graph.Sum(network.Linear(encoded, model.EncoderToDecoder), graph.Add("Gather", [positions, visible]));
        string token = network.Weight(model, "mask_token", [1, 1, width], () => model.MaskToken);
        string hidden = graph.Sum(token, graph.Add("Gather", [positions, masked]));     // [B, m, d]
        string x = graph.Add("Concat", [seen, hidden], [OnnxGraph.Integer("axis", 1)]); // [B, v + m, d]
        foreach (TransformerBlock block in model.Decoder.Blocks)
            x = network.Block(x, block, _config.ForDecoder());
        string count = graph.Add("Gather", [graph.Add("Shape", [visible]), graph.Integers(1)]);
        string last = graph.Add("Slice", [x, count, graph.Integers(int.MaxValue), graph.Integers(1)]);
        return network.Linear(network.Norm(last, model.DecoderNorm), model.DecoderHead);
    }

    /// <summary>Frames of 0 to 1 in which hidden patches are the predicted ones, [B, T, H, W, C].</summary>
    private string Complete(string pixels, string masked, string logits)
    {
        (int height, int width) = (_config.PatchSize.Height, _config.PatchSize.Width);
        (int rows, int columns) = (_config.PatchGrid.Height, _config.PatchGrid.Width);
        int volume = _config.TubeletSize * height * width, channels = _config.NumChannels;
        string patches = graph.Add("Reshape", [Unnormalized(pixels), graph.Integers(
            0, _config.NumTubelets, _config.TubeletSize, channels, rows, height, columns, width)]);
        patches = graph.Transposed(patches, 0, 1, 4, 6, 2, 5, 7, 3); // [B, T/t, H/h, W/w, t, h, w, C]
        patches = graph.Add("Reshape", [patches, graph.Integers(0, _config.NumPatches, volume, channels)]);
        string predicted = graph.Add("Reshape", [logits, graph.Integers(0, 0, volume, channels)]);
        if (_config.NormPixLoss)
            predicted = LikeTruth(predicted, Take(patches, masked), volume);
        string index = graph.Add("Expand", [
            graph.Add("Unsqueeze", [masked, graph.Integers(-1, -2)]), graph.Integers(1, 1, volume, channels)]);
        string whole = graph.Add("ScatterElements", [patches, index, predicted], [OnnxGraph.Integer("axis", 1)]);
        string grid = graph.Add("Reshape", [whole, graph.Integers(
            0, _config.NumTubelets, rows, columns, _config.TubeletSize, height, width, channels)]);
        string frames = graph.Transposed(grid, 0, 1, 4, 2, 5, 3, 6, 7);
        return graph.Add("Reshape", [frames, graph.Integers(
            0, _config.NumFrames, _config.ImageSize.Height, _config.ImageSize.Width, channels)]);
    }

    /// <summary>Predicted patches [B, m, t h w, C] with the mean and deviation of the true ones.</summary>
    private string LikeTruth(string predicted, string truth, int volume)
    {
        string mean = Mean(truth), centred = graph.Difference(truth, mean);
        string spread = Mean(graph.Product(centred, centred));
        spread = graph.Add("Sqrt", [graph.Product(spread, graph.Single(volume / (volume - 1.0)))]);
        spread = graph.Sum(spread, graph.Single(1e-6));
        return graph.Sum(graph.Product(predicted, spread), mean);

        string Mean(string x) => graph.Mean(x, 2, keep: true);
    }

    /// <summary>Pixels from 0 to 1 of normalised ones; those of other than 3 channels stay as they are.</summary>
    private string Unnormalized(string pixels)
    {
        if (_config.NumChannels != ReconstructionLoss.Mean.Length)
            return pixels;
        string scaled = graph.Product(pixels, graph.Singles([3, 1, 1], [.. ReconstructionLoss.Deviation]));
        return graph.Sum(scaled, graph.Singles([3, 1, 1], [.. ReconstructionLoss.Mean]));
    }
}
