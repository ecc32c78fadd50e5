// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>A run multiplies by what is measured to be faster at its start, and keeps to it when it goes on.</summary>
[TestClass]
[DoNotParallelize] // one test sets the environment, which belongs to the process
public sealed class ProductChoiceTests
{
    private const string Chosen = "blocks are trained with oneDNN's products";
    private const string NotChosen = "training stays with libtorch's";

    private static readonly ProductSpeeds s_slow = new(200, 210, 1.02), s_fast = new(165, 360, 2.1);

    private readonly RunHelper _run = new();
    private readonly string _workspace = TestClips.NewFolder();

    [TestInitialize]
    public void NeedsTheOperator()
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
    }

    [TestCleanup]
    public void Cleanup()
    {
        ProductSpeeds.Assumed.Value = null;
        Directory.Delete(_workspace, recursive: true);
    }

    [TestMethod]
    public void WhatIsMeasured_Decides()
    {
        ProductSpeeds.Assumed.Value = s_fast;
        _run.Weights(TestClips.Options(1));
        AssertSaid($"In Float32, oneDNN multiplies at 360 GFLOP/s where libtorch does at 165 (2.10 times as fast): {Chosen}.");
        _run.Log.Clear();
        ProductSpeeds.Assumed.Value = s_slow;
        _run.Weights(TestClips.Options(1));
        AssertSaid($"In Float32, oneDNN multiplies at 210 GFLOP/s where libtorch does at 200 (1.02 times as fast): {NotChosen}.");
    }

    [TestMethod]
    [DataRow("BFloat16")]
    [DataRow("probe")]
    [DataRow("switched off")]
    public void WhereNothingWouldBeMultiplied_NothingIsMeasured(string where)
    {
        ProductSpeeds.Assumed.Value = s_fast;
        VideoMaeTrainer.Options options = TestClips.Options(1);
        if (where == "BFloat16")
            options.Precision = ComputePrecision.BFloat16;
        if (where == "probe")
            (options.Config, options.PretrainedModel, options.FineTuning) =
                (null, ReferenceFiles.Path("tiny/pretraining"), FineTuningMode.LinearProbe);
        using (new FastPathsOff(where == "switched off"))
            _run.Weights(options);
        Assert.IsEmpty(_run.Log.Where(line => line.Contains("oneDNN")));
    }

    /// <summary>What would be measured when the run goes on does not matter; dropout, averages and checkpointing go on too.</summary>
    [TestMethod]
    [DataRow(true, false)]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void StoppedRun_KeepsItsChoiceAndItsBits(bool isFast, bool checkpointing)
    {
        VideoMaeTrainer.Options options = TestClips.Options(4);
        options.DropPathRate = 0.3f;
        options.EmaDecay = 0.9f;
        options.ActivationCheckpointing = checkpointing;
        ProductSpeeds.Assumed.Value = isFast ? s_fast : s_slow;
        byte[] uninterrupted = _run.Weights(options);
        Stop(options);
        ProductSpeeds.Assumed.Value = isFast ? s_slow : s_fast;
        _run.Log.Clear();
        CollectionAssert.AreEqual(uninterrupted, _run.Weights(options));
        AssertSaid("Going on from");
        Assert.IsEmpty(_run.Log.Where(line => line.Contains(Chosen) || line.Contains(NotChosen)), "nothing is chosen again");
        string state = Directory.GetFiles(_workspace, "state.safetensors", SearchOption.AllDirectories).Single();
        Assert.Contains($"UsesOneDnn\\u0022:{(isFast ? "true" : "false")}", Header(state));
    }

    [TestMethod]
    public void RunThatGoesOnWithoutTheOperator_SaysSo()
    {
        VideoMaeTrainer.Options options = TestClips.Options(4);
        ProductSpeeds.Assumed.Value = s_fast;
        Stop(options);
        using (new FastPathsOff(true))
            Assert.IsNotEmpty(_run.Weights(options));
        AssertSaid("oneDNN's products were chosen for this run. This process multiplies by libtorch: VIDEOMAE_FAST is 0.");
    }

    /// <summary>A run that was stopped by an earlier version goes on with what that version multiplied by.</summary>
    [TestMethod]
    public void StateWithoutAChoice_GoesOnWithLibtorchs()
    {
        VideoMaeTrainer.Options options = TestClips.Options(4);
        ProductSpeeds.Assumed.Value = s_slow;
        Stop(options);
        string state = Directory.GetFiles(_workspace, "state.safetensors", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(state);
        int place = bytes.AsSpan().IndexOf("UsesOneDnn"u8);
        "WasNotHere"u8.CopyTo(bytes.AsSpan(place));
        File.WriteAllBytes(state, bytes);
        ProductSpeeds.Assumed.Value = s_fast;
        _run.Log.Clear();
        _run.Weights(options);
        AssertSaid("Going on from");
        Assert.IsEmpty(_run.Log.Where(line => line.Contains("oneDNN")));
    }

    private void Stop(VideoMaeTrainer.Options options)
    {
        using var source = new CancellationTokenSource();
        options.WorkspacePath = _workspace;
        options.CancellationToken = source.Token;
        options.StepCallback = m =>
        {
            if (m.Step == 3)
                source.Cancel();
        };
        Assert.ThrowsExactly<OperationCanceledException>(() => _run.Fit(options));
        options.CancellationToken = default;
        options.StepCallback = null;
    }

    private void AssertSaid(string text) =>
        Assert.IsTrue(_run.Log.Any(line => line.Contains(text)), string.Join(Environment.NewLine, _run.Log));

    private static string Header(string state)
    {
        byte[] bytes = File.ReadAllBytes(state);
        return System.Text.Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
    }

    private sealed class FastPathsOff : IDisposable
    {
        private readonly string? _before = Environment.GetEnvironmentVariable(FastPaths.Variable);

        public FastPathsOff(bool isOff) => Environment.SetEnvironmentVariable(FastPaths.Variable, isOff ? "0" : _before);

        public void Dispose() => Environment.SetEnvironmentVariable(FastPaths.Variable, _before);
    }
}
