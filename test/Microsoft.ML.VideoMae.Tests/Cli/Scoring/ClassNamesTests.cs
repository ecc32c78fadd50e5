// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli;
using VideoMaeCli.Scoring;

namespace Microsoft.ML.VideoMae.Tests.Cli.Scoring;

/// <summary>Models with two classes of one name, and labels that a model does not know.</summary>
[TestClass]
public sealed class ClassNamesTests
{
    [TestMethod]
    public void Names_AreToldApartByIndex_WhereTheyAreAlike()
    {
        CollectionAssert.AreEqual(new[] { "crane (0)", "heron", "crane (2)" }, ClassNames.Distinct(["crane", "heron", "crane"]));
        CollectionAssert.AreEqual(new[] { "a", "b" }, ClassNames.Distinct(["a", "b"]));
        string[] nasty = ClassNames.Distinct(["crane", "crane", "crane (0)"]);
        Assert.AreEqual(3, nasty.Distinct().Count(), string.Join(", ", nasty));
    }

    [TestMethod]
    public void BothClasses_AreInPredictionsAndMeasures()
    {
        using DataSetFolder folder = new DataSetFolder()
            .WithClip("crane (1)/1.mp4")
            .WithClip("crane (0)/1.mp4", "blue")
            .WithClip("heron/1.mp4", number: 2)
            .WithClip("heron/2.mp4", number: 3)
            .WithClip("crane/1.mp4", number: 4);
        VideoScorer scorer = Cranes(folder, out int classes);
        Assert.AreEqual(classes, scorer.Classes.Distinct().Count());
        using var json = new StringWriter();
        var writer = new PredictionWriter(json, VideoTask.Classification, scorer.Classes, json: true);
        writer.Write("x.mp4", [.. Enumerable.Range(0, classes).Select(i => 1f / (i + 2))], null);
        JsonElement line = JsonDocument.Parse(json.ToString()).RootElement;
        Assert.AreEqual("crane (0)", line.GetProperty("predictedLabel").GetString());
        Assert.AreEqual(1f / 3, line.GetProperty("scores").GetProperty("crane (1)").GetSingle());

        var quality = (ClassifierQuality)scorer.Measure(folder.ML.Data.LoadVideosFromDirectory(folder.Path));
        CollectionAssert.AreEquivalent(new[] { 0, 1 }, quality.Scored.Videos.Select(v => v.Label).ToArray());
        Assert.AreEqual("'crane' (1), 'heron' (2)", UnknownLabel.Describe(quality.Unknown));
        JsonNode measured = quality.ToJson("all");
        Assert.AreEqual(2, (int)measured["unknownLabels"]![1]!["count"]!);
    }

    [TestMethod]
    public void LabelsThatAreAllUnknown_AreListedWithTheClasses()
    {
        using DataSetFolder folder = new DataSetFolder().WithClip("heron/1.mp4");
        VideoScorer scorer = Cranes(folder, out _);
        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => scorer.Measure(folder.ML.Data.LoadVideosFromDirectory(folder.Path))).Message;
        Assert.Contains("No video has a label that the model knows: 'heron' (1). Its classes are: crane (0), crane (1)", message);
    }

    /// <summary>The tiny checkpoint, all of whose classes are called so.</summary>
    private static VideoScorer Cranes(DataSetFolder folder, out int classes)
    {
        string source = ReferenceFiles.Path("tiny/classification"), copy = Directory.CreateDirectory(folder[".model"]).FullName;
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        string path = Path.Combine(copy, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        JsonObject names = config["id2label"]!.AsObject();
        classes = names.Count;
        foreach (string key in names.Select(n => n.Key).ToArray())
            names[key] = "crane";
        config.Remove("label2id");
        File.WriteAllText(path, config.ToJsonString());
        MLContext ml = folder.ML;
        IDataView none = ModelFile.Rows(ml, []);
        ITransformer videos = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(none);
        return new VideoScorer(ml, new TransformerChain<ITransformer>(videos, ml.Model.LoadVideoMae(copy)), "cranes");
    }
}
