// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Compares what takes the place of libtorch's ordinary operators with them. No operator is right on every processor because it is right on
/// one: with weights in its own order, oneDNN gives garbage for some widths on some processors, while a small example is right.
/// </summary>
/// <param name="warn">Is told once, in a sentence, what differs.</param>
/// <param name="things">What is compared.</param>
/// <param name="results">What is made of them, and is right all the same.</param>
internal sealed class OperatorCheck(Action<string> warn, string things = "layers", string results = "Scores")
{
    /// <summary>
    /// Other orders of summation differ by a millionth of the largest value in Float32, and by less than a hundredth in BFloat16.
    /// </summary>
    private const double Float32Tolerance = 1e-4;
    private const double BFloat16Tolerance = 2e-2;

    private const int MostNamed = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, double> _wrong = new(StringComparer.Ordinal);
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);
    private bool _isNew;

    /// <summary>Whether a layer's results are those of the ordinary operator; notes where they are not.</summary>
    /// <param name="name">What messages call the layer.</param>
    /// <param name="type">The type that products are computed in.</param>
    /// <param name="actual">Some of the results; null where the operator failed.</param>
    /// <param name="expected">The same by the ordinary operator.</param>
    /// <param name="size">How large results are that do not cancel out; 0 for the largest of those expected.</param>
    internal bool Agree(string name, ScalarType type, Tensor? actual, Tensor expected, double size = 0)
    {
        double difference = actual is null ? double.PositiveInfinity : Difference(type, actual, expected, size);
        lock (_gate)
        {
            _checked.Add(name);
            if (difference > 0)
                _isNew |= _wrong.TryAdd(name, difference);
        }

        return difference == 0;
    }

    /// <summary>
    /// The first, the middle and the last row, [3, width]: kernels work in blocks of rows, with another kernel for the rest.
    /// </summary>
    internal static Tensor FewRows(Tensor x)
    {
        Tensor flat = x.flatten(0, -2); // [rows, width]
        long rows = flat.shape[0];
        return cat([flat.narrow(0, 0, 1), flat.narrow(0, rows / 2, 1), flat.narrow(0, rows - 1, 1)]);
    }

    /// <summary>Says what was found since the last call; usually nothing.</summary>
    internal void Report()
    {
        lock (_gate)
        {
            if (!_isNew)
                return;
            _isNew = false;
            string named = string.Join(", ", _wrong.OrderBy(w => w.Key, StringComparer.Ordinal).Take(MostNamed).Select(Describe));
            warn($"{_wrong.Count} of {_checked.Count} {things} are computed by libtorch's ordinary operators, since oneDNN's differ from " +
                $"them on this processor, {ProcessorInfo.Description}: {named}{(_wrong.Count > MostNamed ? ", ..." : "")}. {results} are " +
                "right, and take longer.");
        }
    }

    /// <summary>0 where results agree, otherwise by how much they differ, as a share of the largest value.</summary>
    private static double Difference(ScalarType type, Tensor actual, Tensor expected, double size)
    {
        if (actual.dtype != expected.dtype)
            return double.PositiveInfinity;
        float[] values = Values(actual), right = Values(expected);
        double largest = double.IsFinite(size) ? Math.Max(size, float.Epsilon) : float.Epsilon, difference = 0;
        for (int i = 0; i < right.Length; i++)
        {
            if (float.IsFinite(right[i]))
                largest = Math.Max(largest, Math.Abs(right[i]));
            // Weights that are not numbers give outputs that are none, with any operator.
            if (!values[i].Equals(right[i]))
                difference = Math.Max(
                    difference, float.IsNaN(values[i] - right[i]) ? double.PositiveInfinity : Math.Abs(values[i] - right[i]));
        }

        double share = difference / largest;
        return share <= (type == ScalarType.BFloat16 ? BFloat16Tolerance : Float32Tolerance) ? 0 : share;
    }

    private static float[] Values(Tensor x) => x.to(ScalarType.Float32).contiguous().data<float>().ToArray();

    private static string Describe(KeyValuePair<string, double> wrong) => double.IsFinite(wrong.Value)
        ? string.Create(CultureInfo.InvariantCulture, $"{wrong.Key} (by {wrong.Value:0.#e+0} of the largest value)")
        : $"{wrong.Key} (it failed, or gave no numbers)";
}
