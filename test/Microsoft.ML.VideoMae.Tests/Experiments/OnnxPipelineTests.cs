// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Onnx.Format;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>What a search has taken, as ONNX: every input is made as the file's own metadata say, and every output is the pipeline's.</summary>
[TestClass]
public sealed class OnnxPipelineTests
{
    private static readonly MLContext s_ml = new(seed: 1);
    private static readonly Dictionary<string, ITransformer[]> s_parts = [];

    private sealed class Clip
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class Labelled
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public bool IsRed { get; set; }

        public float Number { get; set; }
    }

    [TestMethod]
    [DataRow("pixels", "frames", false)]
    [DataRow("image features", "frames", false)]
    [DataRow("motion", "frames", false)]
    [DataRow("motion;image features", "motion_frames,image_features_frames", false)]
    [DataRow("pixels;VideoMAE mean", "pixels_frames,videomae_mean_pixel_values", false)]
    [DataRow("VideoMAE mean;VideoMAE cells;small VideoMAE", "videomae_mean_pixel_values,small_videomae_pixel_values", false)]
    [DataRow("VideoMAE mean;VideoMAE cells", "pixel_values", false)]
    [DataRow("VideoMAE cells;VideoMAE mean", "frames", true)]
    [DataRow("pixels;image features;VideoMAE cells", "pixels_frames,image_features_frames,videomae_cells_frames", true)]
    public void Classes_HaveTheProbabilitiesOfThePipeline(string names, string inputs, bool takesFrames)
    {
        string[] parts = names.Split(';');
        var classes = ClassLabels.FromNames(["blue", "red"]);
        // Far from 1: small probabilities count, and the least of them is limited.
        (string, float)[] members = [.. parts.Select((name, i) => (ModelPart.ScoreOf(name), ((float[])[0.3f, 2.5f, 0.8f])[i]))];
        var model = new TransformerChain<ITransformer>(
            [.. parts.SelectMany(PartOf), new ScoreAveragingTransformer(s_ml, members, sharpness: parts.Length == 2 ? 1.7f : 1, classes)]);
        string path = Path.Combine(TestClips.NewFolder(), "best.onnx");
        s_ml.Model.SaveVideoOnnx(model, path, new OnnxExportOptions { Input = takesFrames ? OnnxInput.Frames : OnnxInput.PixelValues });
        using var session = new InferenceSession(path);
        CollectionAssert.AreEquivalent(inputs.Split(','), session.InputNames.ToArray());
        IReadOnlyDictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        Assert.AreEqual("[\"blue\",\"red\"]", metadata["labels"]);
        Assert.AreEqual(names.Contains("image", StringComparison.Ordinal),
            metadata.TryGetValue("license", out string? license) && license.Contains("mit (ResNet-18", StringComparison.Ordinal));
        // Frames go through the processor with an error of up to a level; what makes pixel values itself is exact.
        Compare(model, session, "Score", "probabilities", takesFrames && names.Contains("VideoMAE", StringComparison.Ordinal) ? 5e-3f : 1e-4f);
    }

    /// <summary>Two ways to pool the tokens of one frozen encoder: its weights and its operators are in the file once.</summary>
    [TestMethod]
    [DataRow(OnnxInput.PixelValues, WeightStorage.Float32)]
    [DataRow(OnnxInput.Frames, WeightStorage.Float16)]
    public void PartsWithOneEncoder_ShareIt(OnnxInput input, WeightStorage precision)
    {
        var options = new OnnxExportOptions { Input = input, Precision = precision };
        byte[] mean = Written("VideoMAE mean"), cells = Written("VideoMAE cells"), both = Written("VideoMAE mean", "VideoMAE cells");
        Assert.IsLessThan(0.55 * (mean.Length + cells.Length), both.Length);
        Assert.HasCount(1, ModelProto.Parser.ParseFrom(both).Graph.Node.Where(n => n.OpType == "Conv")); // The patch embedding.
        // Another encoder beside it is written as well.
        byte[] three = Written("VideoMAE mean", "VideoMAE cells", "small VideoMAE");
        Assert.HasCount(2, ModelProto.Parser.ParseFrom(three).Graph.Node.Where(n => n.OpType == "Conv"));

        byte[] Written(params string[] parts)
        {
            string path = Path.Combine(TestClips.NewFolder(), "best.onnx");
            (string, float)[] members = [.. parts.Select(name => (ModelPart.ScoreOf(name), 1f))];
            s_ml.Model.SaveVideoOnnx(new TransformerChain<ITransformer>([
                .. parts.SelectMany(PartOf),
                new ScoreAveragingTransformer(s_ml, members, sharpness: 1, ClassLabels.FromNames(["blue", "red"]))]), path, options);
            return File.ReadAllBytes(path);
        }
    }

    [TestMethod]
    public void YesOrNo_AndNumbers_HaveAForm()
    {
        IDataView videos = TestClips.Load(s_ml);
        Labelled[] rows = [.. videos.GetColumn<string>("VideoPath").Zip(videos.GetColumn<string>("Label")).Select((r, i) => new Labelled
        {
            Video = MLVideo.CreateFromFile(r.First),
            IsRed = r.Second == "red",
            Number = (r.Second == "red" ? 30 : 10) + i,
        })];
        IDataView data = s_ml.Data.LoadFromEnumerable(rows);
        VideoExperimentCandidate mean = VideoExperimentCandidate.Defaults().Single(c => c.Name == "VideoMAE mean");
        foreach (VideoExperimentCandidate candidate in (VideoExperimentCandidate[])[VideoExperimentCandidate.Pixels, mean])
        {
            VideoExperimentSettings Alone() => new() { Candidates = [candidate] };
            using VideoExperimentResult yes = s_ml.BinaryClassification.CreateVideoExperiment(Alone()).Execute(data, nameof(Labelled.IsRed));
            using VideoExperimentResult number = s_ml.Regression.CreateVideoExperiment(Alone()).Execute(data, nameof(Labelled.Number));
            string one = Path.Combine(TestClips.NewFolder(), "yes.onnx"), other = Path.Combine(TestClips.NewFolder(), "number.onnx");
            s_ml.Model.SaveVideoOnnx(yes.BestRun.Model!, one);
            s_ml.Model.SaveVideoOnnx(number.BestRun.Model!, other);
            using InferenceSession answers = new(one), numbers = new(other);
            Assert.AreEqual("[\"False\",\"True\"]", answers.ModelMetadata.CustomMetadataMap["labels"]);
            Compare(yes.BestRun.Model!, answers, "Probability", "probabilities", 1e-4f);
            CollectionAssert.AreEqual((string[])["logits"], numbers.OutputNames.ToArray());
            Compare(number.BestRun.Model!, numbers, "Score", "logits", 2e-3f); // Of numbers up to 40.
        }
    }

    [TestMethod]
    public void Numbers_AreAveraged()
    {
        IDataView videos = TestClips.Load(s_ml);
        IDataView data = s_ml.Data.LoadFromEnumerable(videos.GetColumn<string>("VideoPath").Select(
            (path, i) => new Labelled { Video = MLVideo.CreateFromFile(path), Number = i }).ToArray());
        // Names that differ in what names of an ONNX model cannot have.
        VideoExperimentCandidate[] three = [VideoExperimentCandidate.Pixels, Few("few pixels", 1), Few("few-pixels", 2)];
        ITransformer[] parts = [.. three.SelectMany(candidate => StepsOf(s_ml.Regression
            .CreateVideoExperiment(new VideoExperimentSettings { Candidates = [candidate] }).Execute(data, nameof(Labelled.Number))))];
        IEnumerable<ITransformer> mean = new NumbersTask().Deliver(
            s_ml, [.. three.Select(c => new ModelPart([], ModelPart.ScoreOf(c.Name), [], 1))], sharpness: 1, []);
        var model = new TransformerChain<ITransformer>([.. parts, .. mean]);
        string path = Path.Combine(TestClips.NewFolder(), "best.onnx");
        s_ml.Model.SaveVideoOnnx(model, path);
        using var session = new InferenceSession(path);
        CollectionAssert.AreEqual(
            (string[])["pixels_frames", "few_pixels_frames", "few_pixels_2_frames"], session.InputNames.ToArray());
        Compare(model, session, "Score", "logits", 1e-3f);
    }

    /// <summary>Pixels of fewer frames, which is another input.</summary>
    private static VideoExperimentCandidate Few(string name, int frames) => VideoExperimentCandidate.FromFeatures(name, "few frames",
        (catalog, output, input, policy) => catalog.FeaturizeVideoPixels(new VideoPixelFeaturizingEstimator.Options
        {
            OutputColumnName = output,
            InputColumnName = input,
            NumFrames = frames,
            ImageHeight = 9,
            ImageWidth = 7,
            OnVideoError = policy,
        }));

    private static ITransformer[] PartOf(string name)
    {
        lock (s_parts)
        {
            if (s_parts.TryGetValue(name, out ITransformer[]? known))
                return known;
            IDataView videos = TestClips.Load(s_ml);
            IDataView data = s_ml.Transforms.Conversion.MapValueToKey("Label").Append(s_ml.Transforms.LoadVideos("Video", "VideoPath"))
                .Fit(videos).Transform(videos);
            VideoExperimentCandidate candidate =
                ((VideoExperimentCandidate[])[.. VideoExperimentCandidate.Defaults(), VideoImageCandidate.ImageFeatures])
                    .SingleOrDefault(c => c.Name == name)
                ?? VideoExperimentCandidate.FromTrainer(name, "a very small transformer", () => TestClips.Options(), maxSteps: 100);
            return s_parts[name] = StepsOf(s_ml.MulticlassClassification
                .CreateVideoExperiment(new VideoExperimentSettings { Candidates = [candidate] }).Execute(data));
        }
    }

    /// <summary>The steps up to a candidate's scores, whatever is made of them.</summary>
    private static ITransformer[] StepsOf(VideoExperimentResult result)
    {
        ITransformer[] steps = [.. Flat(result.BestRun.Model!)];
        return steps[..(Array.FindIndex(steps, s => s is ColumnCopyingTransformer) + 1)];
    }

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [transformer];

    /// <summary>Clips of the set, and noise of odd sizes, which no area of the result divides.</summary>
    private static MLVideo[] Videos()
    {
        var random = new Random(1);
        MLVideo Noise(int count, int height, int width)
        {
            var pixels = new byte[count * height * width * 3];
            random.NextBytes(pixels);
            return MLVideo.CreateFromFrames(new VideoFrames(pixels, count, height, width), "noise");
        }

        return [MLVideo.CreateFromFile(TestClips.Animation("red", 1)), MLVideo.CreateFromFile(TestClips.Animation("blue", 2)),
            Noise(20, 37, 53), Noise(1, 101, 75)];
    }

    /// <summary>Asserts that a file gives what the pipeline gives, for clips of some sizes.</summary>
    internal static void Compare(ITransformer model, InferenceSession session, string column, string output, float tolerance)
    {
        MLVideo[] videos = Videos();
        IDataView scored = model.Transform(s_ml.Data.LoadFromEnumerable(videos.Select(v => new Clip { Video = v }).ToArray()));
        float[][] expected = scored.Schema[column].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(column)]
            : [.. scored.GetColumn<float>(column).Select(v => output == "probabilities" ? (float[])[1 - v, v] : [v])];
        for (int i = 0; i < videos.Length; i++)
        {
            using var results = session.Run([.. InputsOf(session, videos[i])], [output]);
            float[] actual = [.. results[0].AsEnumerable<float>()];
            Assert.HasCount(expected[i].Length, actual);
            for (int c = 0; c < actual.Length; c++)
                Assert.AreEqual(expected[i][c], actual[c], tolerance, $"video {i}: {string.Join(", ", expected[i])}");
        }
    }

    /// <summary>The inputs of a video, number by number as the metadata say. A file of one network says it as those of transformers do.</summary>
    private static IEnumerable<NamedOnnxValue> InputsOf(InferenceSession session, MLVideo video)
    {
        IReadOnlyDictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        using JsonDocument inputs = JsonDocument.Parse(metadata.TryGetValue("inputs", out string? told) ? told
            : $$"""[{"name": "pixel_values", "frame_sampling": "{{metadata["frame_sampling"]}}", "preprocessor_config": {{metadata["preprocessor_config"]}}}]""");
        foreach (JsonElement input in inputs.RootElement.EnumerateArray())
        {
            string name = input.GetProperty("name").GetString()!, sampling = input.GetProperty("frame_sampling").GetString()!;
            int? side = input.TryGetProperty("max_short_side", out JsonElement given) ? given.GetInt32() : null;
            FramePairSampler? pairs = sampling.StartsWith("pairs(", StringComparison.Ordinal)
                ? new FramePairSampler(int.Parse(sampling[6..^1], CultureInfo.InvariantCulture)) : null;
            VideoFrames frames = VideoReader.Default.Read(
                video, pairs ?? FrameSampler.Parse(sampling), VideoReadOptions.Default with { MaxShortSide = side });
            if (pairs is not null)
                frames = OnnxMotionTests.PairsOf(frames, pairs.First);
            int[] shape = [.. session.InputMetadata[name].Dimensions.Select(d => d < 0 ? 1 : d)];
            if (input.TryGetProperty("preprocessor_config", out JsonElement processor))
            {
                float[] pixels = VideoMaeImageProcessor.FromJson(processor.GetRawText()).Process(frames);
                yield return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(pixels, shape));
            }
            else
            {
                var bytes = new DenseTensor<byte>(frames.Pixels.ToArray(), [1, frames.Count, frames.Height, frames.Width, 3]);
                yield return NamedOnnxValue.CreateFromTensor(name, bytes);
            }
        }
    }
}
