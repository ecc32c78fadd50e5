// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

[TestClass]
public sealed class WeightStorageTests
{
    /// <summary>What 11 and 8 bits of precision do to the probabilities of a small trained model.</summary>
    [TestMethod]
    [DataRow(WeightStorage.Float16, 2e-3)]
    [DataRow(WeightStorage.BFloat16, 2e-2)]
    public void SixteenBits_HalveTheFileAndHardlyChangeScores(WeightStorage storage, double tolerance)
    {
        var ml = new MLContext(1);
        IDataView data = Trainers.VideoMaeTrainerTests.Prepare(ml, TestClips.Load(ml));
        (float[][] exact, long full) = SaveAndScore(WeightStorage.Float32);
        (float[][] scores, long half) = SaveAndScore(storage);
        double largest = exact.Zip(scores).Max(pair => pair.First.Zip(pair.Second).Max(p => Math.Abs(p.First - p.Second)));
        Console.WriteLine($"{storage}: {half} of {full} bytes, probabilities differ by {largest:0.0e+0} at most");
        Assert.IsGreaterThan(0, largest);
        Assert.IsLessThan(tolerance, largest);
        Assert.IsLessThan(0.62, (double)half / full); // The names take room too.

        (float[][] Scores, long Bytes) SaveAndScore(WeightStorage storage)
        {
            VideoMaeTrainer.Options options = TestClips.Options(4);
            options.Config = TestClips.Config with { HiddenSize = 64, IntermediateSize = 256 };
            options.WeightStorage = storage;
            using VideoMaeClassificationTransformer model = ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data);
            using MemoryStream zip = Save(model), again = new();
            using var loaded = (VideoMaeClassificationTransformer)ml.Model.Load(zip, out _);
            using MemoryStream second = Save(loaded);
            Assert.AreEqual(zip.Length, second.Length, 64, "a loaded model is saved as it was");
            return ([.. loaded.Transform(data).GetColumn<float[]>("Score")], zip.Length);
        }

        MemoryStream Save(ITransformer model)
        {
            var zip = new MemoryStream();
            ml.Model.Save(model, data.Schema, zip);
            zip.Position = 0;
            return zip;
        }
    }
}
