// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

[TestClass]
public sealed class GrowthTests
{
    [TestMethod]
    [TestCategory("Slow")]
    public void TenThousandPredictions_DoNotGrow()
    {
        using VideoMaeClassificationTransformer model = new Training.RunHelper().Fit(TestClips.Options(1));
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(TestClips.Clip("red", 1)));
        Predict(2000); // Caches and the heap find their size.
        double before = Megabytes();
        long tensors = TorchSharp.torch.Tensor.TotalCount;
        Predict(10_000);
        double growth = Megabytes() - before;
        Console.WriteLine($"{before:0} MB, {growth:0.0} MB more after 10,000 predictions");
        Assert.AreEqual(tensors, TorchSharp.torch.Tensor.TotalCount);
        Assert.IsLessThan(20, growth);

        void Predict(int count)
        {
            for (int i = 0; i < count; i++)
                Assert.HasCount(2, model.Predict(MLVideo.CreateFromFrames(frames)));
        }
    }

    private static double Megabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet / 1048576.0;
    }
}
