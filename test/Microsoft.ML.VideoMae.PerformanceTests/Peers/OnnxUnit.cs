// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// What ONNX Runtime takes for one clip of a model in Float32. Times in units of it can be compared with those of others that were measured
/// on another machine with a processor of the same kind.
/// </summary>
internal sealed class OnnxUnit : IDisposable
{
    public const string Name = "ONNX Runtime, one clip";

    private readonly InferenceSession _session;
    private readonly DenseTensor<float> _clip;

    public OnnxUnit(VideoMaeConfig config)
    {
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        _session = Session(model);
        int[] shape = [1, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width];
        using Tensor clip = randn([.. shape.Select(size => (long)size)], generator: new Generator(2));
        _clip = new DenseTensor<float>(clip.data<float>().ToArray(), shape);
    }

    /// <summary>One clip.</summary>
    public Contestant Contestant => new(Name, () => Score(_session, _clip).Dispose());

    /// <summary>The median of some rounds, alone.</summary>
    public double Seconds(int rounds) => Interleaved.Median(Interleaved.Measure([Contestant], rounds)[Name]);

    /// <summary>A session for a model, with the threads of libtorch.</summary>
    public static InferenceSession Session(VideoMaeForVideoClassification model)
    {
        string folder = Directory.CreateTempSubdirectory("peers-").FullName, path = Path.Combine(folder, "model.onnx");
        try
        {
            OnnxFile.Write(path, OnnxModels.Build(model, new OnnxExportOptions()), new Dictionary<string, string>());
            using var options = new SessionOptions
            {
                IntraOpNumThreads = get_num_threads(),
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            };
            // Idle threads that spin would take the cores from the other contestants.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            return new InferenceSession(path, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The logits, [B, classes].</summary>
    public static Tensor Score(InferenceSession session, DenseTensor<float> input)
    {
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxModels.PixelValues, input)], [OnnxModels.Logits]);
        DenseTensor<float> logits = results[0].AsTensor<float>().ToDenseTensor();
        return tensor(logits.ToArray(), [logits.Dimensions[0], logits.Dimensions[1]]);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
