// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>What a README.md beside weights says of them, above all their licence.</summary>
[TestClass]
public sealed class CheckpointCardTests
{
    private const string Full = """
        ---
        license: other
        license_name: acme-noncommercial
        license_link: LICENSE.md
        language: [en, 'no']
        base_model:
        - MCG-NJU/videomae-base
        datasets:
        - org/kinetics   # a comment
        metrics: accuracy
        model-index:
        - name: "1"
          results:
          - task: {type: video-classification}
            metrics:
            - type: accuracy
              value: 0.5
        ---

        # A model

        Words.
        """;

    [TestMethod]
    public void Fields_AreReadInAnyFormOfYaml()
    {
        List<string> notes = [];
        CheckpointCard card = CheckpointCardFile.Parse(Full.ReplaceLineEndings("\r\n"), "README.md", notes);
        Assert.IsEmpty(notes);
        Assert.AreEqual("other", card.License);
        Assert.AreEqual("acme-noncommercial", card.LicenseName);
        Assert.AreEqual("LICENSE.md", card.LicenseLink);
        CollectionAssert.AreEqual((string[])["en", "no"], card.Languages.ToArray());
        CollectionAssert.AreEqual((string[])["MCG-NJU/videomae-base"], card.BaseModels.ToArray());
        CollectionAssert.AreEqual((string[])["org/kinetics"], card.Datasets.ToArray());
        CollectionAssert.AreEqual((string[])["accuracy"], card.Metrics.ToArray());
        Assert.Contains("value: 0.5", card.ModelIndex!);
        Assert.AreEqual("# A model\n\nWords.", card.Text);
        Assert.AreEqual(
            "Licence: other (acme-noncommercial). It allows no commercial use, and goes with what is made of these weights.",
            card.ToString());
    }

    [TestMethod]
    [DataRow("cc-by-nc-4.0", true)]
    [DataRow("cc-by-nc-sa-4.0", true)]
    [DataRow("CC BY-NC 4.0", true)]
    [DataRow("fair-noncommercial-research-license", true)]
    [DataRow("mit", false)]
    [DataRow("apache-2.0", false)]
    [DataRow("ncsa", false)]
    [DataRow("cc-by-sa-4.0", false)]
    public void Licence_ThatForbidsCommercialUse_IsKnownByItsName(string license, bool forbids)
    {
        CheckpointCard card = CheckpointCardFile.Parse($"---\nlicense: {license}\n---\n", "README.md", []);
        Assert.AreEqual(forbids, card.ForbidsCommercialUse);
        Assert.AreEqual(forbids, card.ToString()!.Contains("allows no commercial use", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("# Only words\n")]
    [DataRow("---\nnever: closed\n")]
    [DataRow("---\n- a list\n---\n")]
    [DataRow("---\nlicense:\n---\n")]
    [DataRow("---\nlicense: {a: b}\n---\n")]
    [DataRow("---\n---\n")]
    public void Card_WithoutFields_SaysNothing(string text)
    {
        List<string> notes = [];
        CheckpointCard card = CheckpointCardFile.Parse(text, "README.md", notes);
        Assert.IsEmpty(notes);
        Assert.IsNull(card.License);
        Assert.IsNull(card.ToString());
        Assert.IsFalse(card.ForbidsCommercialUse);
    }

    [TestMethod]
    [DataRow("license: [mit", "")]
    [DataRow("license: mit\nx: &a [1]\ny: [*a, *a]", "they have aliases")]
    [DataRow("license: mit\nx: DEEP", "they have more than 32 levels")]
    public void Fields_ThatCannotBeRead_AreSaid(string fields, string reason)
    {
        fields = fields.Replace("DEEP", new string('[', 100_000) + new string(']', 100_000), StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        Transformers5.Copy("classification/plain", folder.Path);
        File.WriteAllText(folder.File("README.md"), $"---\n{fields}\n---\n");
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder.Path);
        Assert.Contains($"cannot be read: {reason}", model.LoadReport!.Notes.Single());
        Assert.Contains("The licence of the weights is not known.", model.LoadReport.Notes.Single());
        Assert.IsNull(model.Source!.License);
    }

    [TestMethod]
    public void Repository_IsThatOfTheHubsCache()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, string? license) in ((string, string?)[])
            [("models--MCG-NJU--videomae-base", "cc-by-nc-4.0"), ("models--org--name", null)])
        {
            string snapshot = folder.File($"{name}/snapshots/{new string('a', 40)}");
            Transformers5.Copy("classification/plain", snapshot);
            using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(folder.File(name));
            Assert.AreEqual(name["models--".Length..].Replace("--", "/", StringComparison.Ordinal), model.Source!.Repository);
            Assert.AreEqual(license, model.Source.License);
            Assert.AreEqual(license is not null, model.LoadReport!.Notes.Any(
                note => note.StartsWith("Licence: cc-by-nc-4.0, of MCG-NJU/videomae-base.", StringComparison.Ordinal)));
            // What stands in a card wins.
            File.WriteAllText(Path.Combine(snapshot, "README.md"), "---\nlicense: mit\n---\n");
            using VideoMaePreTrainedModel other = VideoMaeAutoModel.FromPretrained(folder.File(name));
            Assert.AreEqual("mit", other.Source!.License);
        }
    }

    [TestMethod]
    public void ModelMadeInMemory_HasNoSource()
    {
        using var model = new VideoMaeForVideoClassification(TestClips.Config);
        Assert.IsNull(model.Source);
    }
}
