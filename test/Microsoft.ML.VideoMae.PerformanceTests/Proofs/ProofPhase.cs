// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>One training run of a proof: its progress, its curve and what it cost. A run that has a result is not run again.</summary>
internal sealed class ProofPhase
{
    public const string Pretraining = "pretraining";
    public const string FineTuning = "fine-tuning";
    public const string Probe = "probe";
    public const string Scratch = "scratch";

    private const int ReportedLines = 20;

    private readonly string _title;
    private readonly List<ProofPoint> _curve = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _processorTime = Process.GetCurrentProcess().TotalProcessorTime;
    private int _firstEpoch;
    private int _epochs;

    private ProofPhase(string title) => _title = title;

    public static void Run(string folder, string name, int seed, Func<ProofPhase, IReadOnlyList<ProofPrediction>> work)
    {
        if (ProofResult.Exists(folder, name, seed))
            return;
        var phase = new ProofPhase($"{name}, seed {seed}");
        IReadOnlyList<ProofPrediction> predictions = work(phase);
        ProofResult result = phase.Result(predictions);
        result.Write(folder, name, seed);
        Console.WriteLine(
            FormattableString.Invariant(
                $"  {phase._title}: {result.Epochs} epochs, {result.ProcessorSeconds:0} s of processor time, {result.Seconds:0} s; accuracy {result.Accuracy:0.000}, balanced {result.BalancedAccuracy:0.000}"
            ));
    }

    public void Report(int epoch, int epochs, double loss, double? accuracy, string line)
    {
        if (_curve.Count == 0)
            _firstEpoch = epoch;
        _epochs = epochs;
        _curve.Add(new ProofPoint(epoch, loss, accuracy));
        if (epoch == 1 || epoch % Math.Max(1, epochs / ReportedLines) == 0)
            Console.WriteLine($"  {_title}: {line}");
    }

    /// <summary>Where a run went on from a state, the time of the epochs before it is that of as many after it.</summary>
    private ProofResult Result(IReadOnlyList<ProofPrediction> predictions)
    {
        double share = (double)_epochs / Math.Max(1, _epochs - _firstEpoch + 1);
        double processor = (Process.GetCurrentProcess().TotalProcessorTime - _processorTime).TotalSeconds;
        return new ProofResult(_epochs, _clock.Elapsed.TotalSeconds * share, processor * share, _curve, predictions);
    }
}
