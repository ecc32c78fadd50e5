// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx.Format;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>
/// What the processor does, as operators: frames of any size and 8 bits to pixel values. Operator set 17 has no resizing that smooths, so
/// that it is two products with matrices of weights, which are computed from the size of the frames. Rows and columns that the crop leaves
/// out are not computed.
/// </summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="options">The processor's settings.</param>
internal sealed class OnnxFrames(OnnxGraph graph, VideoMaeImageProcessorOptions options)
{
    private const double CubicA = -0.5;

    /// <summary>Adds the input [B, T, height, width, 3] and gives the pixel values, [B, T, 3, H, W].</summary>
    /// <exception cref="NotSupportedException">The processor does what has no form here.</exception>
    public string Add(VideoMaeConfig config) => Add(config, Declare(graph, OnnxModels.Frames, config.NumFrames));

    /// <summary>Adds an input of frames, [B, T, height, width, 3].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Its name.</param>
    /// <param name="count">The number of frames; null where it is open.</param>
    /// <param name="sizes">What the names of its sizes begin with: two inputs may have frames of different sizes.</param>
    public static string Declare(OnnxGraph graph, string name, int? count, string sizes = "") => graph.TypedInput(
        name, "RGB frames of any size: frames, height, width, channels", TensorProto.Types.DataType.Uint8,
        "batch", count is int number ? number : $"{sizes}frames", $"{sizes}height", $"{sizes}width", VideoFrames.Channels);

    /// <summary>Gives the pixel values, [B, T, 3, H, W], of frames, [B, T, height, width, 3].</summary>
    /// <exception cref="NotSupportedException">The processor does what has no form here.</exception>
    public string Add(VideoMaeConfig config, string frames)
    {
        Check(config);
        string shape = graph.Add("Shape", [frames]);
        string height = graph.Add("Gather", [shape, graph.Integers(2)]), width = graph.Add("Gather", [shape, graph.Integers(3)]); // [1]
        string short_ = graph.Add("Min", [height, width]);
        string rows = Weights(height, short_, options.Size.Height, options.CropSize.Height, config.ImageSize.Height); // [H, height]
        string columns = Weights(width, short_, options.Size.Width, options.CropSize.Width, config.ImageSize.Width);  // [W, width]
        string planes = graph.Transposed(frames, 0, 1, 4, 2, 3);                                                      // [B, T, 3, h, w]
        string levels = graph.ToSingle(planes);
        string across = graph.MatrixProduct(levels, graph.Transposed(columns, 1, 0));
        if (options.Backend == ProcessorBackend.Pillow)
            across = ToLevels(across);
        return Normalized(ToLevels(graph.MatrixProduct(rows, across)));
    }

    private void Check(VideoMaeConfig config)
    {
        if (config.NumChannels != VideoFrames.Channels)
            throw new NotSupportedException($"The model takes {config.NumChannels} channels; frames have {VideoFrames.Channels}. " +
                $"Export it for {nameof(OnnxInput)}.{nameof(OnnxInput.PixelValues)}.");
        if (options.DoResize && options.Resample is not (Resampling.Bilinear or Resampling.Bicubic))
            throw new NotSupportedException($"The processor resizes with {options.Resample}; Bilinear and Bicubic can be part of an ONNX " +
                $"model. Export it for {nameof(OnnxInput)}.{nameof(OnnxInput.PixelValues)}, and resize outside.");
        if (options.DoResize && options.Size.LongestEdge is not null)
            throw new NotSupportedException("The processor has a longest_edge, which cannot be part of an ONNX model. Export it for " +
                $"{nameof(OnnxInput)}.{nameof(OnnxInput.PixelValues)}, and resize outside.");
        if (new VideoMaeImageProcessor(options).FixedOutputSize is not (int height, int width)
            || (height, width) != (config.ImageSize.Height, config.ImageSize.Width))
            throw new NotSupportedException($"The processor does not give frames of {config.ImageSize}, which the model takes. Set " +
                "do_center_crop and crop_size, or size, to that.");
    }

    /// <summary>
    /// For each of the rows or columns that are kept, what each one of the frame weighs in it: [kept, length]. Those that lie outside of the
    /// frame weigh nothing, which makes the black edge of frames that are too small.
    /// </summary>
    /// <param name="length">The height or width of the frames, [1].</param>
    /// <param name="shortest">The shorter of both, [1].</param>
    /// <param name="exact">What it is resized to; null where the shortest edge is given.</param>
    /// <param name="crop">What is cut out.</param>
    /// <param name="kept">What the model takes.</param>
    private string Weights(string length, string shortest, int? exact, int? crop, int kept)
    {
        string resized = !options.DoResize ? length : exact is int size ? graph.Integers(size)
            : graph.Quotient(graph.Product(length, graph.Integers(options.Size.ShortestEdge!.Value)), shortest);
        string index = graph.Integers([.. Enumerable.Range(0, kept).Select(i => (long)i)]);
        if (options.DoCenterCrop)
            index = graph.Sum(index, Offset(graph.Difference(resized, graph.Integers(crop!.Value))));
        string place = graph.ToSingle(index);                                                                    // [kept]
        string scale = graph.Quotient(graph.ToSingle(length), graph.ToSingle(resized));
        string centre = graph.Product(graph.Sum(place, graph.Single(0.5)), scale);
        string wide = graph.Add("Max", [scale, graph.Single(1)]); // How far a kernel reaches.
        string one = graph.Integer(1), none = graph.Integer(0);
        string source = graph.ToSingle(graph.Add("Range", [none, graph.Add("Squeeze", [length]), one]));
        string from = graph.Sum(source, graph.Single(0.5));                                                      // [length]
        string distance = graph.Add("Abs", [
            graph.Quotient(graph.Difference(from, graph.Add("Unsqueeze", [centre, graph.Integers(1)])), wide)]); // [kept, length]
        string weights = options.Resample == Resampling.Bicubic ? Cubic(distance) : Triangle(distance);
        string sum = graph.Add("ReduceSum", [weights, graph.Integers(1)], [OnnxGraph.Integer("keepdims", 1)]);
        string inside = graph.And(graph.AtLeast(index, graph.Integers(0)), graph.Add("Less", [index, resized]));
        string counted = graph.Add("Unsqueeze", [graph.ToSingle(inside), graph.Integers(1)]);
        return graph.Product(graph.Quotient(weights, graph.Add("Max", [sum, graph.Single(1e-6)])), counted);
    }

    /// <summary>Half of what is left over, rounded as the processor's back end does it; see <see cref="CropWindow.Center"/>.</summary>
    private string Offset(string slack)
    {
        string two = graph.Integers(2), half = graph.Quotient(slack, two);
        if (options.Backend == ProcessorBackend.Torchvision)
            return half;
        if (options.Backend == ProcessorBackend.Pillow)
            return graph.Quotient(graph.Difference(slack, graph.Add("Mod", [slack, two])), two);
        string exact = graph.Quotient(graph.ToSingle(slack), graph.Single(2));
        string even = graph.ToWhole(graph.Add("Round", [exact]));
        return graph.Add("Where", [graph.Add("Less", [slack, graph.Integers(0)]), half, even]);
    }

    /// <summary>1 - x up to 1.</summary>
    private string Triangle(string x) => graph.Add("Relu", [graph.Difference(graph.Single(1), x)]);

    /// <summary>The cubic of Keys up to 2.</summary>
    private string Cubic(string x)
    {
        string near = Polynomial(CubicA + 2, -(CubicA + 3), 0, 1), far = Polynomial(CubicA, -5 * CubicA, 8 * CubicA, -4 * CubicA);
        string outer = graph.Add("Where", [graph.Add("Less", [x, graph.Single(2)]), far, graph.Single(0)]);
        return graph.Add("Where", [graph.Add("Less", [x, graph.Single(1)]), near, outer]);

        string Polynomial(params double[] factors) => factors[1..].Aggregate(graph.Single(factors[0]),
            (sum, next) => graph.Sum(graph.Product(sum, x), graph.Single(next)));
    }

    /// <summary>Whole numbers from 0 to 255. Pillow rounds halves up, and torchvision to the even number.</summary>
    private string ToLevels(string x)
    {
        string rounded = options.Backend == ProcessorBackend.Pillow
            ? graph.Add("Floor", [graph.Sum(x, graph.Single(0.5))]) : graph.Add("Round", [x]);
        return graph.Add("Clip", [rounded, graph.Single(0), graph.Single(byte.MaxValue)]);
    }

    private string Normalized(string levels)
    {
        double factor = options.DoRescale ? options.RescaleFactor : 1;
        double[] mean = options.DoNormalize ? [.. options.ImageMean] : [0, 0, 0];
        double[] std = options.DoNormalize ? [.. options.ImageStd] : [1, 1, 1];
        string scaled = graph.Product(levels, graph.Singles([3, 1, 1], [.. std.Select(s => (float)(factor / s))]));
        return graph.Difference(scaled, graph.Singles([3, 1, 1], [.. mean.Zip(std, (m, s) => (float)(m / s))]));
    }
}
