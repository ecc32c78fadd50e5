// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Onnx.Format;

namespace Microsoft.ML.VideoMae.ImageFeatures;

/// <summary>The network, up to the mean over the image: 512 numbers. One session serves all cursors and threads.</summary>
internal sealed class ResNet18
{
    /// <summary>The height and width of an image in pixels.</summary>
    public const int Side = 224;

    /// <summary>The number of values of an image, [3, 224, 224].</summary>
    public const int Pixels = Channels * Side * Side;

    /// <summary>The length of the vector for an image.</summary>
    public const int Length = 512;

    private const int Channels = VideoFrames.Channels;

    private static readonly Lock s_sharing = new();
    private static readonly WeakReference<ResNet18?> s_shared = new(null);

    private readonly Lock _running = new();
    private readonly InferenceSession _session;
    private readonly string _path, _input, _output;
    private readonly float[] _black; // What the preprocessing makes of a black image, [3, 224, 224]: it adds that to every image.

    private ResNet18(IExceptionContext context, NetworkFiles files)
    {
        try
        {
            using SessionOptions options = new()
            {
                IntraOpNumThreads = Environment.ProcessorCount,
                InterOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            // Threads that wait should leave the processor to the decoder.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            _path = files.Network;
            _black = Black(files.Preprocessing, options);
            _session = new InferenceSession(ForBatches(files.Network), options);
        }
        catch (Exception e) when (e is DllNotFoundException || e is TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw context.Except(e, "The native library of ONNX Runtime could not be loaded. Add the package Microsoft.ML.OnnxRuntime to " +
                $"the project of the program: {e.GetBaseException().Message}");
        }

        (_input, _output) = (_session.InputNames.Single(), _session.OutputNames.Single());
    }

    /// <summary>The network of this process: it is loaded when it is first used, and goes when nobody has it any more.</summary>
    public static ResNet18 Shared(IExceptionContext context)
    {
        lock (s_sharing)
        {
            if (!s_shared.TryGetTarget(out ResNet18? network))
                s_shared.SetTarget(network = new ResNet18(context, NetworkFiles.Find(context)));
            return network;
        }
    }

    /// <summary>What is added to every image, blue, green and red, [3, 224, 224].</summary>
    public ReadOnlySpan<float> Shift => _black;

    /// <summary>The network, as the file has it: from [images, 3, 224, 224] to [images, 512, 1, 1].</summary>
    public ModelProto ReadNetwork() => ModelProto.Parser.ParseFrom(ForBatches(_path));

    /// <summary>Makes the network's input of an image: blue, green and red, less the mean of the images it was trained on.</summary>
    /// <param name="rgb">RGB bytes, [224, 224, 3].</param>
    /// <param name="values">Where the values go, [3, 224, 224].</param>
    public void Prepare(ReadOnlySpan<byte> rgb, Span<float> values)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            int plane = channel * Side * Side;
            Span<float> to = values.Slice(plane, Side * Side);
            ReadOnlySpan<float> black = _black.AsSpan(plane, Side * Side);
            for (int i = 0, from = Channels - 1 - channel; i < to.Length; i++, from += Channels)
                to[i] = rgb[from] + black[i];
        }
    }

    /// <summary>Runs some images through the network. One batch runs at a time, on all processors.</summary>
    /// <param name="values">The images, [at least count, 3, 224, 224].</param>
    /// <param name="count">How many images.</param>
    /// <param name="vectors">Where the vectors go, [count, 512].</param>
    public void Run(float[] values, int count, Span<float> vectors)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, values.AsMemory(0, count * Pixels), [count, Channels, Side, Side]);
        using var options = new RunOptions();
        lock (_running)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs =
                _session.Run(options, new Dictionary<string, OrtValue> { [_input] = input }, [_output]);
            outputs[0].GetTensorDataAsSpan<float>()[..(count * Length)].CopyTo(vectors); // [count, 512, 1, 1]
        }
    }

    private static float[] Black(string preprocessing, SessionOptions options)
    {
        using var session = new InferenceSession(preprocessing, options);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(new float[Pixels], [1, Channels, Side, Side]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(
            run, new Dictionary<string, OrtValue> { [session.InputNames.Single()] = input }, session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>The network with any number of images at a time: the file says 1, though nothing in it depends on that.</summary>
    private static byte[] ForBatches(string path)
    {
        ModelProto model;
        using (FileStream file = File.OpenRead(path))
            model = ModelProto.Parser.ParseFrom(file);
        // Shapes in between are told for one image. ONNX Runtime finds out for itself.
        model.Graph.ValueInfo.Clear();
        var weights = model.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (ValueInfoProto value in model.Graph.Input.Where(v => !weights.Contains(v.Name)).Concat(model.Graph.Output))
            value.Type.TensorType.Shape.Dim[0].DimParam = "images";
        return model.ToByteArray();
    }
}
