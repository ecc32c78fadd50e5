// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Data;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>What candidates are compared by: folds, temperatures, differences, groups, and the choice.</summary>
[TestClass]
public sealed class ScoresTests
{
    [TestMethod]
    public void Folds_KeepGroupsTogether_AndClassesInProportion()
    {
        var random = new Random(3);
        string[] groups = [.. Enumerable.Range(0, 300).Select(_ => $"{random.Next(60)}")];
        int[] classes = [.. groups.Select(g => int.Parse(g) % 3 == 0 ? 0 : 1 + random.Next(2))];
        int[] folds = GroupedFolds.Draw(classes, groups, 5, new Random(1));
        foreach (IGrouping<string, int> group in Enumerable.Range(0, 300).GroupBy(i => groups[i]))
            Assert.AreEqual(1, group.Select(i => folds[i]).Distinct().Count());
        foreach (int @class in classes.Distinct())
        {
            int[] counts = [.. Enumerable.Range(0, 5).Select(f => folds.Where((fold, i) => fold == f && classes[i] == @class).Count())];
            Assert.IsLessThan(1.35, counts.Max() * 5.0 / counts.Sum(), $"class {@class}: {string.Join(", ", counts)}");
            Assert.IsGreaterThan(0.65, counts.Min() * 5.0 / counts.Sum(), $"class {@class}: {string.Join(", ", counts)}");
        }
    }

    [TestMethod]
    public void Folds_WithoutGroups_AreEven()
    {
        int[] classes = [.. Enumerable.Range(0, 23).Select(i => i % 2)];
        int[] folds = GroupedFolds.Draw(classes, new string?[23], 5, new Random(1));
        for (int fold = 0; fold < 5; fold++)
            Assert.IsTrue(folds.Count(f => f == fold) is 4 or 5);
    }

    [TestMethod]
    public void Calibrated_FindsTheTemperature()
    {
        // Labels are drawn from p; the model says p^3, far too sure. Its best power is 1/3.
        var random = new Random(1);
        var scores = new float[]?[4000];
        var classes = new int[scores.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            float p = 0.1f + (0.8f * random.NextSingle());
            classes[i] = random.NextSingle() < p ? 0 : 1;
            scores[i] = Sharp([p, 1 - p], 3);
        }

        var result = ClassScores.Calibrated(scores, classes);
        Assert.AreEqual(1.0 / 3, result.Sharpness, 0.03);
        double blunt = scores.Select((s, i) => -Math.Log(s![classes[i]])).Average();
        Assert.IsLessThan(blunt, result.Loss);
    }

    [TestMethod]
    public void RowSpace_KeepsProducts()
    {
        // 6 rows of 40 features in 6 numbers: products between rows stay, and with them every linear model.
        var random = new Random(4);
        float[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ =>
            Enumerable.Range(0, 40).Select(i => i == 3 ? 1 : random.NextSingle()).ToArray())];
        float[][] learned = Rows(6), held = Rows(4);
        (float[][] one, float[][] other) = RowSpace.Of(learned, held);
        (float[][] wide, float[][] wideHeld) = RowSpace.Of([.. learned, .. learned, .. learned, .. learned, .. learned, .. learned, .. learned],
            held);
        Assert.HasCount(6, one[0]);
        Assert.HasCount(40, wide[0], "as many rows as features: nothing to reduce");
        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
                Assert.AreEqual(Dot(wide[i], wide[j]), Dot(one[i], one[j]), 1e-3);
            for (int j = 0; j < 4; j++)
                Assert.AreEqual(Dot(wide[i], wideHeld[j]), Dot(one[i], other[j]), 2e-3);
        }

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }

    /// <summary>The mean of two unlike models is less sure than it may be: both are right, each of other rows for certain.</summary>
    [TestMethod]
    public void Averages_HaveATemperatureOfTheirOwn()
    {
        var random = new Random(6);
        int[] classes = [.. Enumerable.Range(0, 400).Select(i => i % 2)];
        var task = new FixedTask(classes);
        OutOfFold Of(int certain) => task.Judge([.. classes.Select((c, i) => i % 2 == certain || random.Next(20) > 0
            ? (float[]?)[c == 0 ? 0.8f : 0.2f, c == 0 ? 0.2f : 0.8f] : [0.5f, 0.5f])]);
        CandidateOutcome[] single = [.. new[] { 0, 1 }.Select(i => new CandidateOutcome([$"{i}"], "", "", Of(i), _ => []))];
        CandidateOutcome average = CandidateChoice.Averages(single, task).Single();
        Assert.IsGreaterThan(1.2f, average.Scores.Sharpness);
        double asItIs = OutOfFold.Mean([.. single.Select(s => s.Scores)]).Select((s, i) => -Math.Log(s![classes[i]])).Average();
        Assert.IsLessThan(asItIs, average.Scores.Loss);
    }

    /// <summary>Averages of the first version have no temperature of their own.</summary>
    [TestMethod]
    public void Averages_OfTheFirstVersion_ScoreAsThen()
    {
        var ml = new MLContext();
        ITransformer old = ml.Model.Load(ReferenceFiles.Path("today/averages.zip"), out _);
        Assert.AreEqual(1, ((ScoreAveragingTransformer)old).Sharpness);
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new TwoScores { A = [0.9f, 0.1f], B = [0.3f, 0.7f] } });
        float[] scores = old.Transform(data).GetColumn<float[]>("Score").Single();
        Assert.AreEqual(0.4525862f, scores[0], 1e-6f);
        Assert.AreEqual(0.5474138f, scores[1], 1e-6f);
    }

    [TestMethod]
    public void Averages_KeepTheirTemperature()
    {
        var ml = new MLContext();
        var mean = new ScoreAveragingTransformer(
            ml, [("A", 1), ("B", 1)], sharpness: 2, ClassLabels.FromNames(["blue", "red"]));
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new TwoScores { A = [0.9f, 0.1f], B = [0.3f, 0.7f] } });
        string zip = Path.Combine(TestClips.NewFolder(), "mean.zip");
        ml.Model.Save(mean, data.Schema, zip);
        foreach (ITransformer model in (ITransformer[])[mean, ml.Model.Load(zip, out _)])
        {
            // 0.6 and 0.4, squared.
            Assert.AreEqual(0.36f / 0.52f, model.Transform(data).GetColumn<float[]>("Score").Single()[0], 1e-6f);
            Assert.AreEqual(1u, model.Transform(data).GetColumn<uint>("PredictedLabel").Single());
        }
    }

    private sealed class TwoScores
    {
        [VectorType(2)]
        public float[] A { get; set; } = [];

        [VectorType(2)]
        public float[] B { get; set; } = [];
    }

    private sealed class FixedTask(int[] classes) : ClassesTask
    {
        public override OutOfFold Judge(float[]?[] scores) => ClassScores.Calibrated(scores, classes);
    }

    [TestMethod]
    public void Mean_CountsRowsThatAllHaveScored()
    {
        var one = ClassScores.Calibrated([[0.9f, 0.1f], [0.2f, 0.8f], null], [0, 1, 1]);
        var other = ClassScores.Calibrated([[0.8f, 0.2f], null, [0.3f, 0.7f]], [0, 1, 1]);
        Assert.AreEqual(1, OutOfFold.Mean([one, other]).Count(s => s is not null));
    }

    [TestMethod]
    public void Difference_RowsOfAGroupCountAsOne()
    {
        double[] zero = new double[8], two = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5];
        var alone = PairedDifference.Of(two, zero, new string?[8]);
        var grouped = PairedDifference.Of(two, zero, ["a", "a", "a", "a", "b", "b", "b", "b"]);
        Assert.AreEqual(0.75, alone.Mean, 1e-12);
        Assert.AreEqual(0.75, grouped.Mean, 1e-12);
        // Eight deviations of 0.25: 0.25 / sqrt(7). Two groups of them: sums of 1, so sqrt(2 * 2) / 8.
        Assert.AreEqual(0.25 / Math.Sqrt(7), alone.Error, 1e-12);
        Assert.AreEqual(0.25, grouped.Error, 1e-12);
    }

    [TestMethod]
    public void Scenes_AreFound_AndOneCameraForAllIsNot()
    {
        // 6 scenes of 4 clips, each clip with noise of its own and something that moves in it.
        var random = new Random(2);
        float[][] scenes = [.. Enumerable.Range(0, 6).Select(_ => Picture(random))];
        float[][] clips = [.. Enumerable.Range(0, 24).Select(i =>
            (float[])[.. scenes[i / 4].Select(v => v + (0.01f * random.NextSingle())), .. Picture(random)])];
        int[] classes = [.. Enumerable.Range(0, 24).Select(i => i % 2)];
        SceneGroups.Found found = SceneGroups.Find(clips, 48, 64, classes, folds: 5);
        Assert.AreEqual("scene", found.Kind);
        Assert.AreEqual(6, found.Count);
        for (int i = 0; i < 24; i++)
            Assert.AreEqual(found.Names[i / 4 * 4], found.Names[i]);

        // All of one scene: only near duplicates are groups.
        float[][] still = [.. clips.Select(c => (float[])[.. scenes[0], .. c.AsSpan(3072)])];
        still[7] = [.. still[3].Select(v => (0.9f * v) + 0.02f)];
        found = SceneGroups.Find(still, 48, 64, classes, folds: 5);
        Assert.AreEqual("near duplicate", found.Kind);
        Assert.AreEqual(1, found.Count);
        Assert.IsNotNull(found.Names[3]);
        Assert.AreEqual(found.Names[3], found.Names[7]);
    }

    [TestMethod]
    public void Choice_WithinOneError_TakesTheEarlier()
    {
        var random = new Random(1);
        int[] classes = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
        CandidateOutcome Make(string name, double right) => new([name], "", "", ClassScores.Calibrated(
            [.. classes.Select(c => random.NextDouble() < right ? Towards(c) : Towards(1 - c))], classes), _ => []);
        ExperimentRows rows = Rows(classes.Length);
        CandidateOutcome plain = Make("plain", 0.8), same = Make("same", 0.8), better = Make("better", 0.99);
        Assert.AreEqual("plain", CandidateChoice.Best([plain, same], [], rows).Name);
        Assert.AreEqual("better", CandidateChoice.Best([plain, same, better], [], rows).Name);
        Assert.AreEqual("better", CandidateChoice.Best([better, plain, same], [], rows).Name);
    }

    /// <summary>A mean with what was chosen is kept where it lowers the loss enough to be worth the time of two.</summary>
    [TestMethod]
    public void Best_AddsToWhatWasChosen()
    {
        int[] classes = [.. Enumerable.Range(0, 40).Select(i => i % 2)];
        ExperimentRows rows = Rows(classes.Length);
        CandidateOutcome Make(string[] names, int wrongOfFour, int scored = 40) => new(names, "", "", new FixedTask(classes).Judge(
            [.. classes.Select((c, i) => i >= scored ? null : (float[]?)(c == 0 == i / 2 % 4 >= wrongOfFour ? [0.8f, 0.2f] : [0.2f, 0.8f]))]), _ => []);
        CandidateOutcome plain = Make(["plain"], 1), other = Make(["other"], 1);
        string Chosen(CandidateOutcome average) => CandidateChoice.Best([plain, other], [average], rows).Name;
        Assert.AreEqual("plain + other", Chosen(Make(["plain", "other"], 0)));
        Assert.AreEqual("plain", Chosen(Make(["plain", "other"], 1)), "no gain");
        Assert.AreEqual("plain", Chosen(Make(["other", "third"], 0)), "without what was chosen");
        Assert.AreEqual("plain + other", Chosen(Make(["plain", "other"], 0, scored: 16)), "better for certain in a fifth of the rows");
    }

    [TestMethod]
    public void Suspects_AreRowsThatAreSurelyAnotherClass()
    {
        float[]?[] scores = [[0.9f, 0.1f], [0.8f, 0.2f], [0.45f, 0.55f], [0.05f, 0.95f], [0.1f, 0.9f], [0.2f, 0.8f], null];
        int[] classes = [0, 0, 0, 0, 1, 1, 1];
        IReadOnlyList<VideoSuspectLabel> found = VideoSuspectLabel.Find(scores, classes, ["a", "b"]);
        // Class b has 0.85 on the mean of its own. Row 2 leans to it, but less surely than that.
        VideoSuspectLabel only = found.Single();
        Assert.AreEqual(new VideoSuspectLabel(3, "a", "b", 0.05f, 0.95f), only);
    }

    private static ExperimentRows Rows(int count)
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "Path"))
            .Fit(Listed(ml, count)).Transform(Listed(ml, count));
        var host = ((Runtime.IHostEnvironment)ml).Register("test");
        using Runtime.IChannel channel = host.Start("test");
        return ExperimentRows.Read(host, channel, data, new ClassesTask(), "Label", "Video", null);
    }

    private static IDataView Listed(MLContext ml, int count) => ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new ListedVideo { Path = $"{i}.mp4", Label = i % 2 == 0 ? "a" : "b" }).ToArray());

    private sealed class ListedVideo
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private static float[] Towards(int @class) => @class == 0 ? [0.9f, 0.1f] : [0.1f, 0.9f];

    private static float[] Picture(Random random)
    {
        float[] coarse = [.. Enumerable.Range(0, 192).Select(_ => random.NextSingle())];
        return [.. Enumerable.Range(0, 48 * 64).Select(i => coarse[(i / 64 / 4 * 16) + (i % 64 / 4)])];
    }

    private static float[] Sharp(float[] scores, float power)
    {
        var result = new float[scores.Length];
        ClassScores.Sharpen(scores, power, result);
        return result;
    }
}
