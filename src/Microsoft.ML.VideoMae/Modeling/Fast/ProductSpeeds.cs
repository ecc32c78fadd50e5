// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// How fast a layer of a block is multiplied in Float32 on this processor, in GFLOP/s. No instruction set says which is faster: with
/// AVX-512, oneDNN is twice as fast as the library that libtorch takes on one AMD processor, and about equally fast on the one before it.
/// </summary>
/// <param name="Libtorch">By libtorch's operator, in its best round.</param>
/// <param name="OneDnn">By oneDNN's.</param>
/// <param name="Ratio">How many times as fast oneDNN was: the median of the rounds.</param>
internal sealed record ProductSpeeds(double Libtorch, double OneDnn, double Ratio)
{
    /// <summary>
    /// Where oneDNN is meant, it is 1.7 to 2.3 times as fast. On a processor where little is gained, measurements said up to 1.6: with a
    /// lower limit, two runs with one seed could choose differently there, and differ by rounding.
    /// </summary>
    private const double WorthIt = 1.7;

    /// <summary>The time for one product by libtorch.</summary>
    private const double SecondsForOne = 0.006;

    /// <summary>The time for all rounds: something that disturbs for a moment is not to meet most of them.</summary>
    private const double SecondsForRounds = 0.1;

    private const double LargestFlops = 2e9;
    private const int FewestRounds = 5;
    private const int MostRepeats = 3;

    private static readonly ConcurrentDictionary<(long, long, long, int), ProductSpeeds> s_measured = [];

    /// <summary>What tests have in place of a measurement, in their own flow of execution; null for none.</summary>
    internal static AsyncLocal<ProductSpeeds?> Assumed { get; } = new();

    /// <summary>
    /// Whether oneDNN is to multiply: where it is so much faster in most rounds. Other work on the machine makes either look slow in some.
    /// </summary>
    internal bool OneDnnPays => Ratio >= WorthIt;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"oneDNN multiplies at {OneDnn:0} GFLOP/s where libtorch does at {Libtorch:0} ({Ratio:0.00} times as fast)");

    /// <summary>
    /// Measures, once in a process for each size; it takes less than 0.2 s on an idle processor, and up to four times as long on one that is
    /// disturbed.
    /// </summary>
    /// <param name="rows">The tokens of a batch; fewer are taken where they take long.</param>
    /// <param name="inputs">The inputs of a layer.</param>
    /// <param name="outputs">Its outputs.</param>
    internal static ProductSpeeds Of(long rows, long inputs, long outputs) =>
        Assumed.Value ?? s_measured.GetOrAdd((rows, inputs, outputs, get_num_threads()), key => Measure(key.Item1, key.Item2, key.Item3));

    private static ProductSpeeds Measure(long rows, long inputs, long outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        double flopsOfRow = 2.0 * inputs * outputs;
        rows = (long)Math.Clamp(rows, 1, Math.Max(1, LargestFlops / flopsOfRow));
        Tensor x = ones([rows, inputs], ScalarType.Float32, CPU), weight = ones([outputs, inputs], ScalarType.Float32, CPU);
        TimeBoth(x.narrow(0, 0, 1), weight); // Starts threads.
        double first = TimeBoth(x, weight).Libtorch;
        if (first > SecondsForOne)
            x = x.narrow(0, 0, Math.Max(1, (long)(rows * SecondsForOne / first)));
        TimeBoth(x, weight); // Makes the kernels for this size.
        double billions = flopsOfRow * x.shape[0] / 1e9;
        ProductSpeeds speeds = MeasureRounds(x, weight, billions);
        // The best rounds say otherwise than most of them where something disturbs: .NET's compiler does, just after the start.
        for (int again = 0; again < MostRepeats && speeds.OneDnn / speeds.Libtorch >= WorthIt && !speeds.OneDnnPays; again++)
            speeds = MeasureRounds(x, weight, billions);
        return speeds;
    }

    private static ProductSpeeds MeasureRounds(Tensor x, Tensor weight, double billions)
    {
        List<(double Libtorch, double OneDnn)> rounds = [];
        long start = Stopwatch.GetTimestamp();
        while (rounds.Count < FewestRounds || Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsForRounds)
            rounds.Add(TimeBoth(x, weight));
        return new ProductSpeeds(
            billions / rounds.Min(r => r.Libtorch), billions / rounds.Min(r => r.OneDnn),
            rounds.Select(r => r.Libtorch / r.OneDnn).Order().ElementAt(rounds.Count / 2));
    }

    private static (double Libtorch, double OneDnn) TimeBoth(Tensor x, Tensor weight) =>
        (Seconds(() => nn.functional.linear(x, weight)), Seconds(() => Fast.OneDnn.Linear(x, weight, null, gelu: false)));

    private static double Seconds(Func<Tensor> product)
    {
        long start = Stopwatch.GetTimestamp();
        using Tensor result = product();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
