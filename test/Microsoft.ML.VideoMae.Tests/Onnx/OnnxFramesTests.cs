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
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Onnx;

/// <summary>The processor inside an ONNX model makes of frames what ours makes of them, within one level of 255.</summary>
[TestClass]
public sealed class OnnxFramesTests
{
    private static readonly VideoMaeConfig s_config = TestClips.Config with { ImageSize = new SpatialSize(24, 32), NumFrames = 2 };

    public static IEnumerable<object[]> Cases =>
        from backend in Enum.GetValues<ProcessorBackend>()
        from settings in (string[])["usual", "cubic", "larger", "small crop is padded", "fill", "crop alone", "plain numbers"]
        select new object[] { backend, settings };

    private static VideoMaeImageProcessorOptions Settings(string name)
    {
        var usual = new VideoMaeImageProcessorOptions
        {
            Size = FrameSize.Shortest(32),
            CropSize = FrameSize.Exact(24, 32),
            ImageMean = [0.485, 0.456, 0.406],
            ImageStd = [0.229, 0.224, 0.225],
        };
        return name switch
        {
            "cubic" => usual with { Resample = Resampling.Bicubic },
            "larger" => usual with { Size = FrameSize.Shortest(39) },
            "small crop is padded" => usual with { Size = FrameSize.Shortest(15) },
            "fill" => usual with { Size = FrameSize.Exact(24, 32), DoCenterCrop = false },
            "crop alone" => usual with { DoResize = false },
            "plain numbers" => usual with { DoRescale = false, DoNormalize = false },
            _ => usual,
        };
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Pixels_AreOursWithinALevel(ProcessorBackend backend, string settings)
    {
        VideoMaeImageProcessorOptions options = Settings(settings) with { Backend = backend };
        var processor = new VideoMaeImageProcessor(options);
        using var session = new InferenceSession(Graph(options));
        // One level in what the model gets.
        double[] level = [.. options.ImageStd.Select(std => options.DoNormalize ? 1 / 255.0 / std : 1)];
        foreach ((int height, int width) in ((int, int)[])[(48, 64), (31, 97), (97, 31), (24, 32), (9, 11), (120, 90), (1, 1)])
        {
            VideoFrames frames = Noise(2, height, width);
            float[] expected = processor.Process(frames), actual = Run(session, frames);
            double most = 0;
            int others = 0, plane = s_config.ImageSize.Height * s_config.ImageSize.Width;
            for (int i = 0; i < expected.Length; i++)
            {
                double difference = Math.Abs(expected[i] - actual[i]) / level[i / plane % 3];
                most = Math.Max(most, difference);
                others += difference > 0.5 ? 1 : 0;
            }

            Assert.IsLessThan(1.01, most, $"{height}x{width}");
            Assert.IsLessThan(expected.Length / 20, others, $"{height}x{width}: levels that differ at all are few.");
        }
    }

    [TestMethod]
    public void Classifier_GivesTheProbabilitiesOfThePixelPath_ForClipsOfAnySizeAndNumber()
    {
        var ml = new MLContext();
        using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(
            Checkpoints.Transformers5.Folder("trainer_output/checkpoint-4"));
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        model.SaveOnnx(path, new OnnxExportOptions { Input = OnnxInput.Frames });
        using var session = new InferenceSession(path);
        Assert.AreEqual("[-1,4,-1,-1,3]", $"[{string.Join(',', session.InputMetadata[OnnxModels.Frames].Dimensions)}]");
        Assert.AreEqual("uniform(4,start)", session.ModelMetadata.CustomMetadataMap["frame_sampling"]);
        foreach (string colour in (string[])["red", "blue"])
        {
            MLVideo video = MLVideo.CreateFromFile(TestClips.Clip(colour, 1));
            Dictionary<string, float> expected = model.Predict(video).ToDictionary(p => p.Key, p => p.Value);
            VideoFrames frames = VideoReader.Default.Read(video, model.Sampler);
            byte[] twice = [.. frames.Pixels.ToArray(), .. frames.Pixels.ToArray()];
            var input = new DenseTensor<byte>(twice, [2, frames.Count, frames.Height, frames.Width, 3]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxModels.Frames, input)], [OnnxModels.Probabilities]);
            float[] actual = results[0].AsTensor<float>().ToArray();
            for (int i = 0; i < 10; i++)
                Assert.AreEqual(expected[model.Config.Id2Label![i % 5]], actual[i], 0.005f, $"{colour} {i}");
        }
    }

    [TestMethod]
    public void Processor_ThatHasNoForm_IsRefusedByName()
    {
        using var model = new VideoMaeForVideoClassification(TestClips.Config);
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        var frames = new OnnxExportOptions { Input = OnnxInput.Frames };
        var nearest = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions { Resample = Resampling.Nearest });
        Assert.Contains("resizes with Nearest; Bilinear and Bicubic can be part",
            Assert.ThrowsExactly<NotSupportedException>(() => model.SaveOnnx(path, frames, nearest)).Message);
        using var grey = new VideoMaeForVideoClassification(TestClips.Config with { NumChannels = 1 });
        Assert.Contains("takes 1 channels", Assert.ThrowsExactly<NotSupportedException>(() => grey.SaveOnnx(path, frames)).Message);
        Assert.Contains("written in Float32 or Float16", Assert.ThrowsExactly<ArgumentException>(
            () => model.SaveOnnx(path, new OnnxExportOptions { Precision = WeightStorage.BFloat16 })).Message);
        Assert.Contains("the model has blocks 1 to", Assert.ThrowsExactly<ArgumentException>(
            () => model.SaveOnnx(path, new OnnxExportOptions { Output = OnnxOutput.Features, FeatureLayer = 99 })).Message);
        Assert.IsFalse(File.Exists(path));
    }

    /// <summary>A graph of the processor alone.</summary>
    private static byte[] Graph(VideoMaeImageProcessorOptions options)
    {
        var graph = new OnnxGraph();
        string pixels = graph.Named(new OnnxFrames(graph, options).Add(s_config), OnnxModels.PixelValues);
        graph.Output(pixels, "", "batch", s_config.NumFrames, 3, s_config.ImageSize.Height, s_config.ImageSize.Width);
        string path = Path.Combine(TestClips.NewFolder(), "frames.onnx");
        OnnxFile.Write(path, graph, new Dictionary<string, string>());
        return File.ReadAllBytes(path);
    }

    private static float[] Run(InferenceSession session, VideoFrames frames)
    {
        var input = new DenseTensor<byte>(frames.Pixels.ToArray(), [1, frames.Count, frames.Height, frames.Width, 3]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxModels.Frames, input)]);
        return results[0].AsTensor<float>().ToArray();
    }

    private static VideoFrames Noise(int count, int height, int width)
    {
        var pixels = new byte[count * height * width * 3];
        new Random(height * 1000 + width).NextBytes(pixels);
        return new VideoFrames(pixels, count, height, width);
    }
}
