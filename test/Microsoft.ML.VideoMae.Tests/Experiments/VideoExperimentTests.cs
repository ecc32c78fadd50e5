// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>Experiments on small real clips, from trial to a model in a file.</summary>
[TestClass]
public sealed class VideoExperimentTests
{
    private static readonly VideoExperimentCandidate s_transformer = VideoExperimentCandidate.FromTrainer(
        "small VideoMAE", "a very small transformer", () => TestClips.Options(), maxSteps: 100);

    private sealed class Scored
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    /// <summary>Progress that is told at once, in the thread of the experiment.</summary>
    private sealed class Told : List<VideoExperimentRunDetail>, IProgress<VideoExperimentRunDetail>
    {
        public void Report(VideoExperimentRunDetail value) => Add(value);
    }

    [TestMethod]
    public void Execute_TriesAll_AndTheModelIsAsGoodAsItSays()
    {
        var ml = new MLContext(seed: 1);
        (TransformerChain<ITransformer> keys, IDataView data) = Data(ml);
        var told = new Told();
        using VideoExperimentResult result = ml.MulticlassClassification
            .CreateVideoExperiment(new VideoExperimentSettings
            {
                Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.Motion, s_transformer],
            })
            .Execute(data, progressHandler: told);

        CollectionAssert.AreEqual(
            (string[])["pixels", "motion", "small VideoMAE"], result.RunDetails.Take(3).Select(d => d.TrainerName).ToArray());
        Assert.HasCount(result.RunDetails.Count, told);
        foreach (VideoExperimentRunDetail detail in result.RunDetails)
        {
            Assert.IsNull(detail.NotScored, detail.ToString());
            Assert.IsGreaterThanOrEqualTo(0, detail.LogLoss);
            Assert.IsGreaterThan(0, detail.ClipsPerSecond);
        }

        // Blue and red clips differ in brightness and place, so features of single frames are right.
        Assert.AreEqual(1, result.BestRun.MicroAccuracy, 1e-9, result.BestRun.ToString());
        Assert.IsNotNull(result.BestRun.Model);
        Assert.AreEqual(12, result.RunDetails[0].ScoredRows);
        Assert.IsNotEmpty(result.Findings);

        ITransformer model = keys.Append(result.BestRun.Model).Append(
            ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(result.BestRun.Model.Transform(data)));
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(result.BestRun.Model.Transform(data));
        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
        AssertSavesAndPredicts(ml, model, data);
    }

    [TestMethod]
    public void Execute_SameSeed_SameScores()
    {
        double[] Scores()
        {
            var ml = new MLContext(seed: 5);
            using VideoExperimentResult result = Experiment(ml, Plain()).Execute(Data(ml).Data);
            return [.. result.RunDetails.SelectMany(d => (double[])[d.LogLoss, d.MacroAccuracy, d.LogLossStandardDeviation])];
        }

        CollectionAssert.AreEqual(Scores(), Scores());
    }

    [TestMethod]
    public void Execute_Average_IsTheMeanOfItsMembers()
    {
        var ml = new MLContext(seed: 1);
        (_, IDataView data) = Data(ml);
        using VideoExperimentResult result = Experiment(ml, Plain()).Execute(data);
        VideoExperimentRunDetail average = result.RunDetails.Single(d => d.TrainerName.Contains(" + ", StringComparison.Ordinal));
        Assert.AreEqual(12, average.ScoredRows);
        Assert.AreEqual("pixels + motion", string.Join(" + ", average.TrainerName.Split(" + ").Order().Reverse()));
    }

    [TestMethod]
    public void Execute_Workspace_ComputesFeaturesOnce()
    {
        string workspace = TestClips.NewFolder();
        var ml = new MLContext(seed: 1);
        (_, IDataView data) = Data(ml);
        int computed = 0;
        VideoExperimentSettings settings = Plain();
        settings.WorkspacePath = workspace;
        settings.ProgressCallback = progress => computed += progress.Stage == VideoExperimentStage.Features ? 1 : 0;
        using VideoExperimentResult first = Experiment(ml, settings).Execute(data);
        Assert.AreEqual(24, computed, "12 clips, pixels and motion");

        // What a kill cut off is computed again, and nothing else.
        string file = Directory.GetFiles(workspace, "motion-*.features", SearchOption.AllDirectories).Single();
        using (FileStream stream = File.OpenWrite(file))
            stream.SetLength(stream.Length - 3);
        computed = 0;
        using VideoExperimentResult second = Experiment(ml, settings).Execute(data);
        Assert.AreEqual(1, computed);
        Assert.AreEqual(first.BestRun.LogLoss, second.BestRun.LogLoss);
    }

    /// <summary>What is saved of a frozen transformer has a fresh head. Its features are the same for all that.</summary>
    [TestMethod]
    public void Execute_Workspace_KnowsAFrozenTransformerAgain()
    {
        var ml = new MLContext(seed: 1);
        (_, IDataView data) = Data(ml);
        int computed = 0;
        var settings = new VideoExperimentSettings
        {
            Candidates = [.. VideoExperimentCandidate.Defaults().Where(c => c.Name is "pixels" or "VideoMAE mean" or "VideoMAE cells")],
            WorkspacePath = TestClips.NewFolder(),
            ProgressCallback = progress => computed += progress.Stage == VideoExperimentStage.Features ? 1 : 0,
        };
        using VideoExperimentResult first = Experiment(ml, settings).Execute(data);
        // The weights of the package lie beside the tests.
        Assert.AreEqual(24, computed, "12 clips for pixels, and 12 for mean and cells together");
        computed = 0;
        using VideoExperimentResult second = Experiment(ml, settings).Execute(data);
        Assert.AreEqual(0, computed);
    }

    [TestMethod]
    public void Execute_Stopped_GivesTheBestSoFar()
    {
        var ml = new MLContext(seed: 1);
        using var stop = new CancellationTokenSource();
        VideoExperimentSettings settings = Plain();
        settings.CancellationToken = stop.Token;
        settings.ProgressCallback = progress =>
        {
            if (progress.Candidate == VideoExperimentCandidate.Motion)
                stop.Cancel();
        };
        using VideoExperimentResult result = Experiment(ml, settings).Execute(Data(ml).Data);
        Assert.IsTrue(result.WasStopped);
        Assert.AreEqual("pixels", result.BestRun.TrainerName);
        Assert.IsNotNull(result.BestRun.Model);
        Assert.AreEqual("It was stopped.", result.RunDetails[1].NotScored);
    }

    [TestMethod]
    public void Execute_TooLittleTime_SaysWhatATransformerNeeds()
    {
        var ml = new MLContext(seed: 1);
        var settings = new VideoExperimentSettings
        {
            MaxExperimentTimeInSeconds = 25,
            Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.FromTrainer(
                "large", "a transformer that takes long", () => new VideoMaeTrainer.Options
                {
                    Config = TestClips.Config with { HiddenSize = 384, IntermediateSize = 1536, NumHiddenLayers = 12, NumAttentionHeads = 6 },
                })],
        };
        using VideoExperimentResult result = Experiment(ml, settings).Execute(Data(ml).Data);
        Assert.AreEqual("pixels", result.BestRun.TrainerName);
        Assert.IsNotNull(result.RunDetails[1].NotScored, "It needs at least 300 steps of tenths of a second.");
    }

    [TestMethod]
    public void Execute_CandidateThatFails_DoesNotEndTheOthers()
    {
        var ml = new MLContext(seed: 1);
        var settings = new VideoExperimentSettings
        {
            Candidates = [VideoExperimentCandidate.FromFeatures("broken", "fails", (_, _, _, _) => throw new DllNotFoundException("no x")),
                VideoExperimentCandidate.Pixels],
        };
        using VideoExperimentResult result = Experiment(ml, settings).Execute(Data(ml).Data);
        Assert.AreEqual("pixels", result.BestRun.TrainerName);
        Assert.IsInstanceOfType<DllNotFoundException>(result.RunDetails[0].Exception);
    }

    [TestMethod]
    public void Execute_AllFail_ListsWhy()
    {
        var ml = new MLContext(seed: 1);
        var settings = new VideoExperimentSettings
        {
            Candidates = [VideoExperimentCandidate.FromFeatures("broken", "fails", (_, _, _, _) => throw new DllNotFoundException("no x"))],
        };
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Experiment(ml, settings).Execute(Data(ml).Data));
        StringAssert.Contains(error.Message, "broken: no x");
    }

    [TestMethod]
    public void Execute_UnreadableVideo_IsLeftOutOrThrown()
    {
        string folder = TestClips.NewFolder();
        foreach (string file in Directory.GetFiles(TestClips.Animations, "*.webp", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(file))!, Path.GetFileName(file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.WriteAllText(Path.Combine(folder, "red", "broken.mp4"), "no video");
        var ml = new MLContext(seed: 1);
        var warnings = new List<string>();
        ml.Log += (_, e) => warnings.Add(e.Message);
        IDataView data = Data(ml, folder).Data;
        VideoExperimentSettings settings = Plain();
        using (VideoExperimentResult result = Experiment(ml, settings).Execute(data))
            Assert.AreEqual(12, result.BestRun.ScoredRows);
        Assert.IsTrue(warnings.Exists(w => w.Contains("1 of 13 videos are left out of 'pixels'", StringComparison.Ordinal)));
        Assert.IsTrue(warnings.Exists(w => w.Contains("broken.mp4", StringComparison.Ordinal)));

        settings.OnVideoError = VideoErrorPolicy.Throw;
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() => Experiment(ml, settings).Execute(data));
        StringAssert.Contains(error.Message, "broken.mp4");

        settings.OnVideoError = VideoErrorPolicy.Skip;
        settings.MaxSkippedFraction = 0.05f;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Experiment(ml, settings).Execute(data)).Message,
            "1 of 13 videos cannot be read");
    }

    [TestMethod]
    public void Settings_ListAllProblems()
    {
        var ml = new MLContext();
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ml.MulticlassClassification.CreateVideoExperiment(new VideoExperimentSettings
            {
                MaxExperimentTimeInSeconds = 0,
                Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.Pixels],
                MaxSkippedFraction = 2,
            }));
        StringAssert.Contains(error.Message, "MaxExperimentTimeInSeconds is 0");
        StringAssert.Contains(error.Message, "Candidates is pixels, but names have to differ");
        StringAssert.Contains(error.Message, "MaxSkippedFraction is 2");
    }

    [TestMethod]
    public void Execute_ClassOfOneVideo_SaysSo()
    {
        var ml = new MLContext(seed: 1);
        IDataView few = ml.Data.TakeRows(Data(ml).Data, TestClips.ClipsPerClass + 1);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Experiment(ml, Plain()).Execute(few)).Message, "'red'");
    }

    [TestMethod]
    public void Execute_WrongColumns_AreNamed()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = TestClips.Load(ml);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Experiment(ml, Plain()).Execute(data)).Message, "Video");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Experiment(ml, Plain()).Execute(Data(ml).Data, groupColumnName: "no"))
                .Message,
            "no");
    }

    private static VideoExperimentSettings Plain() =>
        new() { Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.Motion] };

    private static VideoClassificationExperiment Experiment(MLContext ml, VideoExperimentSettings settings) =>
        ml.MulticlassClassification.CreateVideoExperiment(settings);

    private static (TransformerChain<ITransformer> Keys, IDataView Data) Data(MLContext ml, string? folder = null)
    {
        IDataView videos = folder is null ? TestClips.Load(ml) : ml.Data.LoadVideosFromDirectory(folder);
        ITransformer keys = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Fit(videos);
        return (new TransformerChain<ITransformer>(keys), keys.Transform(videos));
    }

    private static void AssertSavesAndPredicts(MLContext ml, ITransformer model, IDataView data)
    {
        string zip = Path.Combine(TestClips.NewFolder(), "best.zip");
        IDataView videos = TestClips.Load(ml);
        ml.Model.Save(model, videos.Schema, zip);
        var other = new MLContext();
        ITransformer loaded = other.Model.Load(zip, out _);
        Scored[] expected = [.. ml.Data.CreateEnumerable<Scored>(model.Transform(videos), reuseRowObject: false)];
        Scored[] actual = [.. other.Data.CreateEnumerable<Scored>(loaded.Transform(videos), reuseRowObject: false)];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i].PredictedLabel, actual[i].PredictedLabel);
            CollectionAssert.AreEqual(expected[i].Score, actual[i].Score);
            Assert.AreEqual(1, actual[i].Score.Sum(), 1e-5);
        }

        DataViewSchema schema = loaded.GetOutputSchema(videos.Schema);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual((string[])["blue", "red"], names.DenseValues().Select(n => n.ToString()).ToArray());
        Assert.IsFalse(schema.Any(c => !c.IsHidden && c.Name.StartsWith("VideoExperiment.", StringComparison.Ordinal)));
        using PredictionEngine<VideoRow, Scored> engine = other.Model.CreatePredictionEngine<VideoRow, Scored>(loaded);
        Scored one = engine.Predict(new VideoRow { VideoPath = TestClips.Animation("red", 1) });
        Assert.AreEqual("red", one.PredictedLabel);
    }

    private sealed class VideoRow
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
