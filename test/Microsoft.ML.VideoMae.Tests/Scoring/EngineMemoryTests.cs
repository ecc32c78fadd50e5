// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>Models that were loaded and are done with give their memory back, however they were used.</summary>
[TestClass]
[DoNotParallelize] // counts the tensors and the memory of the process
public sealed class EngineMemoryTests
{
    private const int Turns = 20;
    private const int WarmUp = 5;

    /// <summary>The model has 40 MB of weights: a few that are not collected yet are no leak.</summary>
    private const long Slack = 200L << 20;

    private static readonly MLVideo s_clip = MLVideo.CreateFromFrames(new VideoFrames(new byte[4 * 32 * 32 * 3], 4, 32, 32));

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }

    [TestMethod]
    [DataRow("disposed of")]
    [DataRow("engine that owns it")]
    [DataRow("engine beside it")]
    [DataRow("engines of a pool that loads anew")]
    public void TwentyTurns_LeaveMemoryFlat(string use)
    {
        string folder = TestClips.NewFolder();
        int parameters;
        using (var model = new VideoMaeForVideoClassification(
                TestClips.Config with
                {
                    HiddenSize = 640,
                    NumHiddenLayers = 2,
                    IntermediateSize = 2560,
                    NumLabels = 3,
                },
                new torch.Generator(1)))
        {
            model.SavePretrained(folder);
            parameters = model.parameters().Count();
        }

        for (int i = 0; i < WarmUp; i++)
            Use(use, folder);
        (long tensors, long memory) = Settle();
        for (int i = 0; i < Turns; i++)
            Use(use, folder);
        long used = Memory(); // Before anything is collected by force.
        Assert.IsLessThan(memory + Slack, used, "memory grows");
        // TorchSharp counts the tensor that a Parameter takes over as alive for ever, though it holds nothing. Loading makes every
        // parameter twice: once without memory, for its name and shape.
        Assert.AreEqual(tensors + Turns * 2 * parameters, Settle().Tensors, "tensors stay");
    }

    /// <summary>
    /// By default the engine disposes of the transformer; here the pool forgets both, as PredictionEnginePool does where its model changes.
    /// </summary>
    private static void Use(string use, string folder)
    {
        var ml = new MLContext(1);
        VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(folder);
        if (use == "disposed of")
        {
            model.Predict(s_clip);
            model.Dispose();
            return;
        }

        bool owns = use == "engine that owns it";
        PredictionEngine<Row, Scored> engine = ml.Model.CreatePredictionEngine<Row, Scored>(
            model, new PredictionEngineOptions { OwnsTransformer = owns });
        Assert.HasCount(3, engine.Predict(new Row { Video = s_clip }).Score);
        if (use.Contains("pool"))
            return;
        engine.Dispose();
        model.Dispose();
    }

    private static (long Tensors, long Memory) Settle() => (LiveTensors.Settled(), Memory());

    private static long Memory()
    {
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
