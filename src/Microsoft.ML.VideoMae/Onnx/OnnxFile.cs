// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Google.Protobuf;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Onnx.Format;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>
/// Writes models, one weight after the other: the weights are never in memory a second time. Protocol buffers end at 2 GB: the weights of
/// larger models go into a second file beside the first, as the format provides for.
/// </summary>
internal static class OnnxFile
{
    /// <summary>
    /// What weights may have in all to be part of the model's own file; what else is in it is far smaller than the rest of 2 GB.
    /// </summary>
    public const long MaxInlineBytes = int.MaxValue - (64L << 20);

    private const int IrVersion = 8; // The one that came with operator set 17.
    private const int Alignment = 4096; // Lets runtimes map the second file into memory.

    /// <summary>Writes a model; files appear complete or not at all.</summary>
    /// <param name="path">The file; weights of large models go to the same name with .data after it.</param>
    /// <param name="graph">The model.</param>
    /// <param name="metadata">Free-form texts.</param>
    /// <param name="maxInlineBytes">Where the second file starts to be needed.</param>
    public static void Write(string path, OnnxGraph graph, IReadOnlyDictionary<string, string> metadata,
        long maxInlineBytes = MaxInlineBytes)
    {
        ModelProto model = Describe(metadata);
        if (graph.Weights.Sum(weight => weight.Bytes) <= maxInlineBytes)
        {
            AtomicFile.Write(path, stream => WriteInline(stream, model, graph));
            return;
        }

        string data = $"{Path.GetFileName(path)}.data";
        AtomicFile.Write($"{path}.data", stream => WriteExternal(stream, graph, data));
        model.Graph = graph.Proto;
        AtomicFile.Write(path, model.WriteTo);
    }

    private static ModelProto Describe(IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Microsoft.ML.VideoMae",
            ProducerVersion = typeof(OnnxFile).Assembly.GetName().Version!.ToString(),
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxModels.OperatorSet });
        model.MetadataProps.AddRange(metadata.Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }));
        return model;
    }

    private static void WriteInline(Stream stream, ModelProto model, OnnxGraph graph)
    {
        TensorProto[] headers = [.. graph.Weights.Select(Header)];
        long size = graph.Proto.CalculateSize();
        for (int i = 0; i < headers.Length; i++)
        {
            int tensor = TensorSize(headers[i], graph.Weights[i].Bytes);
            size += CodedOutputStream.ComputeTagSize(GraphProto.InitializerFieldNumber) + CodedOutputStream.ComputeLengthSize(tensor)
                + tensor;
        }

        using var output = new CodedOutputStream(stream, leaveOpen: true);
        model.WriteTo(output);
        output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(checked((int)size));
        graph.Proto.WriteTo(output);
        for (int i = 0; i < headers.Length; i++)
        {
            output.WriteTag(GraphProto.InitializerFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(TensorSize(headers[i], graph.Weights[i].Bytes));
            headers[i].WriteTo(output);
            output.WriteTag(TensorProto.RawDataFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength((int)graph.Weights[i].Bytes);
            output.Flush();
            WriteValues(stream, graph.Weights[i]);
        }
    }

    private static void WriteExternal(Stream stream, OnnxGraph graph, string location)
    {
        var padding = new byte[Alignment];
        foreach (OnnxWeight weight in graph.Weights)
        {
            stream.Write(padding, 0, (int)((Alignment - stream.Position % Alignment) % Alignment));
            TensorProto header = Header(weight);
            header.DataLocation = TensorProto.Types.DataLocation.External;
            header.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            header.ExternalData.Add(new StringStringEntryProto
            {
                Key = "offset",
                Value = stream.Position.ToString(CultureInfo.InvariantCulture)
            });
            header.ExternalData.Add(new StringStringEntryProto
            {
                Key = "length",
                Value = weight.Bytes.ToString(CultureInfo.InvariantCulture)
            });
            graph.Proto.Initializer.Add(header);
            WriteValues(stream, weight);
        }
    }

    private static TensorProto Header(OnnxWeight weight)
    {
        TensorProto.Types.DataType type = weight.IsHalf ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float;
        var header = new TensorProto { Name = weight.Name, DataType = (int)type };
        header.Dims.AddRange(weight.Shape);
        return header;
    }

    private static int TensorSize(TensorProto header, long bytes) => checked(
        header.CalculateSize() + CodedOutputStream.ComputeTagSize(TensorProto.RawDataFieldNumber)
            + CodedOutputStream.ComputeLengthSize((int)bytes) + (int)bytes);

    private static void WriteValues(Stream stream, OnnxWeight weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        TensorBytes.Write(weight.Name, weight.Values(), weight.IsHalf ? ScalarType.Float16 : ScalarType.Float32, stream);
    }
}
