// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.ML.VideoMae.Tests.Cli;
using Microsoft.ML.VideoMae.Tests.Documents;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>The licence of a checkpoint goes with its weights: into a .zip, into what is trained on from it, and into a folder.</summary>
[TestClass]
public sealed class LicenceTests
{
    private const string Sentence =
        "Licence: cc-by-nc-4.0, of org/actions. It allows no commercial use, and goes with what is made of these weights.";

    private const string Card = """
        ---
        license: cc-by-nc-4.0
        base_model: MCG-NJU/videomae-base
        datasets:
        - org/films
        language: en
        metrics:
        - accuracy
        model-index:
        - name: actions
          results:
          - task:
              type: video-classification
            dataset:
              name: Films
              type: org/films
            metrics:
            - type: accuracy
              value: 0.625
        ---

        # actions

        Tells what people do in films.

        ```python
        # not a heading
        ```
        """;

    /// <summary>A repository in the hub's cache, with a card.</summary>
    private static string Checkpoint(TemporaryFolder folder, string card = Card)
    {
        string snapshot = folder.File($"models--org--actions/snapshots/{new string('a', 40)}");
        Transformers5.Copy("trainer_output/checkpoint-4", snapshot);
        File.WriteAllText(Path.Combine(snapshot, "README.md"), card);
        return folder.File("models--org--actions");
    }

    [TestMethod]
    public void CheckpointAsItIs_KeepsItsWholeCard_AlsoThroughAZip()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        var ml = new MLContext();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        string zip = folder.File("actions.zip");
        using (VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(Checkpoint(folder)))
        {
            Assert.IsTrue(log.Any(line => line.Contains(Sentence, StringComparison.Ordinal)));
            ml.Model.Save(model, null, zip);
        }

        using var again = (VideoMaeClassificationTransformer)ml.Model.Load(zip, out _);
        Assert.AreEqual("org/actions", again.Source!.Repository);
        Assert.IsTrue(again.Source.ForbidsCommercialUse);
        again.SavePretrained(folder.File("copy"));
        string text = File.ReadAllText(folder.File("copy/README.md"));
        CheckpointCard card = CheckpointCardFile.Parse(text, "README.md", []);
        Assert.AreEqual("cc-by-nc-4.0", card.License);
        CollectionAssert.AreEqual((string[])["org/actions"], card.BaseModels.ToArray());
        CollectionAssert.AreEqual((string[])["org/films"], card.Datasets.ToArray());
        CollectionAssert.AreEqual((string[])["en"], card.Languages.ToArray());
        CollectionAssert.AreEqual((string[])["accuracy"], card.Metrics.ToArray());
        Assert.Contains("value: 0.625", card.ModelIndex!);
        Assert.Contains($"## Licence\n\n{Sentence}\n", text);
        Assert.Contains("## What the card of org/actions says\n\n### actions\n\nTells what people do in films.", text);
        Assert.Contains("\n# not a heading\n", text);
        Assert.DoesNotContain("## Training", text);
    }

    [TestMethod]
    public void ModelTrainedOnFromIt_KeepsTheLicence_AndNotTheResults()
    {
        using TemporaryFolder folder = new();
        VideoMaeTrainer.Options options = TestClips.Options(epochs: 1);
        options.Config = null;
        options.PretrainedModel = Checkpoint(folder);
        options.ValidationFraction = 0.34f;
        var ml = new MLContext(1);
        IDataView videos = TestClips.Load(ml);
        string zip = folder.File("colours.zip");
        ml.Model.Save(TestClips.Pipeline(ml, options).Fit(videos), videos.Schema, zip);
        using var model = ((TransformerChain<ITransformer>)ml.Model.Load(zip, out _)).OfType<VideoMaeClassificationTransformer>().Single();
        Assert.AreEqual(Sentence, model.Source!.ToString());
        Assert.IsEmpty(model.Source.Datasets);
        Assert.IsNull(model.Source.ModelIndex);
        model.SavePretrained(folder.File("colours"), options: new PretrainedSaveOptions { Datasets = ["me/colours"] });
        string text = File.ReadAllText(folder.File("colours/README.md"));
        CheckpointCard card = CheckpointCardFile.Parse(text, "README.md", []);
        Assert.AreEqual("cc-by-nc-4.0", card.License);
        CollectionAssert.AreEqual((string[])["org/actions"], card.BaseModels.ToArray());
        CollectionAssert.AreEqual((string[])["me/colours"], card.Datasets.ToArray());
        Assert.Contains("type: me/colours", card.ModelIndex!);
        Assert.DoesNotContain("0.625", text);
        Assert.DoesNotContain("films", text);
        Assert.Contains("| NumberOfEpochs | 1 |", text);
        Assert.AreEqual(4, model.ModelCard!.Confusion.Sum(row => row.Sum()), "Four validation clips.");
        string row = $"| blue | {string.Join(" | ", model.ModelCard.Confusion[0])} |";
        Assert.Contains("### Confusion matrix\n\nA row for each true class.", text);
        Assert.Contains($"| | blue | red |\n| --- | ---: | ---: |\n{row}\n", text);
        // It goes on to what is made of this one.
        using (VideoMaePreTrainedModel next = VideoMaeAutoModel.FromPretrained(folder.File("colours")))
            Assert.AreEqual("cc-by-nc-4.0", next.Source!.License);
        Assert.Contains("'mit' was given", Assert.ThrowsExactly<ArgumentException>(
            () => model.SavePretrained(folder.File("no"), options: new PretrainedSaveOptions { License = "mit" })).Message);
        Assert.IsFalse(Directory.Exists(folder.File("no")));
    }

    /// <summary>An exported folder that is exported again says of its training what it said.</summary>
    [TestMethod]
    public void CardOfOurs_IsTakenOverSectionBySection()
    {
        using TemporaryFolder folder = new();
        string ours = folder.File("first");
        var ml = new MLContext();
        ITransformer loaded = ml.Model.Load(Tool.Classifier, out _);
        using (var model = ((TransformerChain<ITransformer>)loaded).OfType<VideoMaeClassificationTransformer>().Single())
            model.SavePretrained(ours, options: new PretrainedSaveOptions { License = "mit", Datasets = ["me/colours"] });
        string first = File.ReadAllText(Path.Combine(ours, "README.md"));
        using (VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(ours))
            model.SavePretrained(folder.File("second"));
        string second = File.ReadAllText(folder.File("second/README.md"));
        string training = first[first.IndexOf("## Training", StringComparison.Ordinal)..first.IndexOf("## Use", StringComparison.Ordinal)];
        Assert.Contains(training.Trim(), second);
        Assert.Contains("LoadVideoMae(\"second\")", second);
        Assert.DoesNotContain("\"first\"", second);
        CheckpointCard card = CheckpointCardFile.Parse(second, "README.md", []);
        Assert.AreEqual("mit", card.License);
        Assert.AreEqual(CheckpointCardFile.Parse(first, "README.md", []).ModelIndex, card.ModelIndex);
        CollectionAssert.AreEqual((string[])["me/colours"], card.Datasets.ToArray());
    }

    [TestMethod]
    public void Inspect_ShowsTheLicence_OfAFolderAndOfAZip()
    {
        using TemporaryFolder folder = new();
        string checkpoint = Checkpoint(folder), zip = folder.File("actions.zip");
        Assert.AreEqual(0, Tool.Run("convert", checkpoint, "--output", zip).Code);
        foreach (string path in (string[])[checkpoint, zip])
        {
            (int code, string output, string errors) = Tool.Run("inspect", path);
            Assert.AreEqual(0, code, errors);
            Assert.HasCount(1, output.Split('\n').Where(line => line.Trim() == Sentence));
            JsonElement source = JsonDocument.Parse(Tool.Run("inspect", path, "--json").Output).RootElement.GetProperty("source");
            Assert.AreEqual("cc-by-nc-4.0", source.GetProperty("license").GetString());
            Assert.IsTrue(source.GetProperty("forbidsCommercialUse").GetBoolean());
        }

        string free = Checkpoint(folder, "---\nlicense: apache-2.0\n---\n");
        Assert.Contains("Licence: apache-2.0, of org/actions.", Tool.Run("inspect", free).Output);
        (int refused, _, string error) = Tool.Run("convert", zip, "--output", folder.File("new"), "--license", "mit");
        Assert.AreNotEqual(0, refused);
        Assert.Contains("allows no commercial use", error);
    }

    [TestMethod]
    public void ZipOfAnEarlierVersion_HasNoSource()
    {
        using var model = (VideoMaeClassificationTransformer)new MLContext().Model.Load(ReferenceFiles.Path("today/classifier.zip"), out _);
        Assert.IsNull(model.Source);
    }

    /// <summary>The C# of the card of each kind of model is code that compiles.</summary>
    [TestMethod]
    [DataRow("classification/plain", "VideoMAEForVideoClassification")]
    [DataRow("pretraining/plain", "VideoMAEForPreTraining")]
    [DataRow("encoder", "VideoMAEModel")]
    public void Card_HasThreeLinesForPython_AndThreeForDotNet(string name, string architecture)
    {
        using TemporaryFolder folder = new();
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(Transformers5.Folder(name));
        model.SavePretrained(folder.File("mine"));
        string text = File.ReadAllText(folder.File("mine/README.md"));
        string python = Block("python"), csharp = Block("csharp");
        Assert.HasCount(3, python.Split('\n'));
        Assert.HasCount(3, csharp.Split('\n'));
        Assert.Contains(architecture == "VideoMAEForVideoClassification" ? "pipeline(\"video-classification\"" : architecture, python);
        (byte[]? assembly, string errors) = DocumentCompiler.Compile(csharp);
        Assert.IsNotNull(assembly, errors);

        string Block(string language) => text.Split($"```{language}\n")[1].Split("\n```")[0];
    }
}
