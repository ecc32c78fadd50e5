// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>What a search has taken, as ONNX: ONNX Runtime gives the probabilities of the pipeline.</summary>
[TestClass]
public sealed class PipelineOnnxTests
{
    [TestMethod]
    [DataRow("VideoMAE mean")]
    [DataRow("VideoMAE cells")]
    [DataRow("small VideoMAE")]
    public void SaveVideoOnnx_GivesTheProbabilitiesOfThePipeline(string name)
    {
        var ml = new MLContext(seed: 1);
        (ITransformer model, IDataView data) = Found(ml, name);
        string path = Path.Combine(TestClips.NewFolder(), "best.onnx");
        ml.Model.SaveVideoOnnx(model, path);
        VideoMaeScoringTransformer network = ((TransformerChain<ITransformer>)model).OfType<VideoMaeScoringTransformer>().Single();
        using var session = new InferenceSession(path);
        Assert.AreEqual("[\"blue\",\"red\"]", session.ModelMetadata.CustomMetadataMap["labels"]);
        float[][] scores = [.. model.Transform(data).GetColumn<float[]>("Score")];
        MLVideo[] videos = [.. data.GetColumn<MLVideo>("Video")];
        for (int i = 0; i < videos.Length; i += 3)
        {
            float[] pixels = network.Processor.Process(VideoReader.Default.Read(videos[i], network.Sampler));
            (int height, int width) = (network.Config.ImageSize.Height, network.Config.ImageSize.Width);
            var input = new DenseTensor<float>(pixels, [1, network.Config.NumFrames, 3, height, width]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("pixel_values", input)], ["probabilities"]);
            float[] probabilities = [.. results[0].AsEnumerable<float>()];
            for (int c = 0; c < 2; c++)
                Assert.AreEqual(scores[i][c], probabilities[c], 2e-4f, $"{videos[i]}: {string.Join(", ", scores[i])}");
        }
    }

    [TestMethod]
    public void SaveVideoOnnx_WhatHasNoForm_IsNamed()
    {
        var ml = new MLContext(seed: 1);
        string path = Path.Combine(TestClips.NewFolder(), "best.onnx");
        string Refused(ITransformer model) => Assert.ThrowsExactly<NotSupportedException>(() => ml.Model.SaveVideoOnnx(model, path)).Message;
        VideoExperimentCandidate frames = VideoExperimentCandidate.FromFeatures("frames", "the frames' own numbers",
            (catalog, output, input, policy) => catalog.FeaturizeVideoFrames(
                catalog.ExtractPixels("Features", "Image"), new VideoFramesFeaturizingEstimator.Options
                {
                    OutputColumnName = output,
                    InputColumnName = input,
                    ImageHeight = 8,
                    ImageWidth = 8,
                    OnVideoError = policy,
                }));
        StringAssert.Contains(Refused(Found(ml, frames).Model), "not made by a network ('frames')");
        IDataView data = TestClips.Load(ml);
        StringAssert.Contains(Refused(ml.Transforms.CopyColumns("A", "Label").Fit(data)), "no VideoMAE model");

        // A model of the user's own after our features would be lost.
        ITransformer own = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.Transforms.VideoMaeFeatures("Features", "Video", VideoMae.Shipped.ShippedWeights.For(null)!.Folder))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(data);
        StringAssert.Contains(Refused(own), "would be lost");
        Assert.IsFalse(File.Exists(path));
        ml.Model.SaveVideoOnnx(own, path, new OnnxExportOptions { Output = OnnxOutput.Features });
        Assert.IsTrue(File.Exists(path));
    }

    private static (ITransformer Model, IDataView Data) Found(MLContext ml, string name) => Found(
        ml, VideoExperimentCandidate.Defaults().SingleOrDefault(c => c.Name == name)
            ?? VideoExperimentCandidate.FromTrainer(name, "a very small transformer", () => TestClips.Options(), maxSteps: 100));

    private static (ITransformer Model, IDataView Data) Found(MLContext ml, VideoExperimentCandidate candidate)
    {
        IDataView videos = TestClips.Load(ml);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Fit(videos).Transform(videos);
        VideoExperimentResult result = ml.MulticlassClassification
            .CreateVideoExperiment(new VideoExperimentSettings { Candidates = [candidate] }).Execute(data);
        return (result.BestRun.Model!, data);
    }
}
