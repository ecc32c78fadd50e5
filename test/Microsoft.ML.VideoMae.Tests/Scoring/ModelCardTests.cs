// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

[TestClass]
public sealed class ModelCardTests
{
    [TestMethod]
    public void TrainedModel_StatesDataSettingsMetricsAndUse()
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs: 3);
        options.ValidationFraction = 0.34f;
        options.IntendedUse = "Tells colours apart in tests.";
        string zip = Train(options);
        VideoMaeModelCard card = Load(zip)!;
        Assert.AreEqual("VideoMaeTrainer", card.Trainer);
        Assert.StartsWith("0.1.0", card.PackageVersion);
        Assert.AreEqual("Tells colours apart in tests.", card.IntendedUse);
        Assert.AreEqual(2 * TestClips.ClipsPerClass, card.TrainingClips + card.ValidationClips);
        Assert.AreEqual("blue,red", string.Join(',', card.ClipsPerClass.Keys));
        Assert.AreEqual(card.TrainingClips, card.ClipsPerClass.Values.Sum());
        Assert.AreEqual("3", card.Settings["NumberOfEpochs"]);
        Assert.AreEqual("5e-3", card.Settings["LearningRate"]);
        Assert.AreEqual("1", card.Settings["Seed"]);
        Assert.IsFalse(card.Settings.ContainsKey("WorkspacePath"));
        Assert.AreEqual(3, card.Metrics["Epochs"]);
        Assert.IsInRange(0.001, 100, card.Metrics["TrainingLoss"]);
        Assert.IsInRange(0, 1, card.Metrics["ValidationAccuracy"]);
        Assert.Contains("Training clips per class: blue 4, red 4", card.ToString());
    }

    [TestMethod]
    public void ResumedRun_HasTheSameCard()
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs: 2);
        options.WorkspacePath = TestClips.NewFolder();
        string first = Load(Train(options))!.ToString();
        Assert.AreEqual(first, Load(Train(options))!.ToString());
    }

    [TestMethod]
    public void ModelWithoutACard_Loads()
    {
        string zip = Train(TestClips.Options(epochs: 1));
        ChangeCard(zip, null);
        Assert.IsNull(Load(zip));
    }

    [TestMethod]
    public void CardOfALaterFormat_IsLeftAlone()
    {
        string zip = Train(TestClips.Options(epochs: 1));
        ChangeCard(zip, """{ "format": 2, "card": "unknown" }""");
        Assert.IsNull(Load(zip));
    }

    [TestMethod]
    public void DamagedCard_IsAnError()
    {
        string zip = Train(TestClips.Options(epochs: 1));
        ChangeCard(zip, "{ ");
        Exception error = Assert.Throws<Exception>(() => Load(zip));
        Assert.Contains("The model card in the model file is damaged.", error.ToString());
    }

    [TestMethod]
    public void PretrainedModel_HasACard()
    {
        var ml = new MLContext(1);
        IDataView videos = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(ml)).Transform(TestClips.Load(ml));
        using VideoMaePretrainedTransformer model = ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            Config = TestClips.Config,
            NumberOfEpochs = 2,
            MaskRatio = 0.5f,
            ValidationFraction = 0.25f,
            Seed = 1,
        }).Fit(videos);
        VideoMaeModelCard card = model.ModelCard!;
        Assert.AreEqual("VideoMaePretrainingEstimator", card.Trainer);
        Assert.AreEqual(3, card.ValidationClips);
        CollectionAssert.AreEquivalent(new[] { "Epochs", "TrainingLoss", "ValidationLoss" }, card.Metrics.Keys.ToArray());
        Assert.Contains("gives features", card.IntendedUse);
    }

    private static string Train(VideoMaeTrainer.Options options)
    {
        var ml = new MLContext(1);
        IDataView videos = TestClips.Load(ml);
        string zip = Path.Combine(TestClips.NewFolder(), "model.zip");
        ml.Model.Save(TestClips.Pipeline(ml, options).Fit(videos), videos.Schema, zip);
        return zip;
    }

    private static VideoMaeModelCard? Load(string zip)
    {
        ITransformer model = new MLContext().Model.Load(zip, out _);
        using var scoring = ((TransformerChain<ITransformer>)model).OfType<VideoMaeScoringTransformer>().Single();
        return scoring.ModelCard;
    }

    private static void ChangeCard(string zip, string? content)
    {
        using ZipArchive archive = ZipFile.Open(zip, ZipArchiveMode.Update);
        ZipArchiveEntry card = archive.Entries.Single(e => e.Name == "ModelCard");
        string name = card.FullName;
        card.Delete();
        if (content is null)
            return;
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(content);
    }
}
