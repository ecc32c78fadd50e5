// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>A point of a training curve.</summary>
internal sealed record ProofPoint(int Epoch, double Loss, double? Accuracy);

/// <summary>What a model said of a test clip.</summary>
internal sealed record ProofPrediction(string Clip, string Group, string Label, string Predicted);

/// <summary>The result of a training run, kept in a file.</summary>
internal sealed record ProofResult(
    int Epochs, double Seconds, double ProcessorSeconds, IReadOnlyList<ProofPoint> Curve, IReadOnlyList<ProofPrediction> Predictions)
{
    [JsonIgnore]
    public double Accuracy => Predictions.Count == 0 ? double.NaN : Predictions.Average(p => p.Label == p.Predicted ? 1.0 : 0);

    [JsonIgnore]
    public double BalancedAccuracy => Balanced(Predictions);

    /// <summary>The mean of the classes' recalls, over the classes that occur.</summary>
    public static double Balanced(IReadOnlyList<ProofPrediction> predictions) =>
        predictions.Count == 0
            ? double.NaN
            : predictions.GroupBy(p => p.Label).Average(g => g.Average(p => p.Label == p.Predicted ? 1.0 : 0));

    public static bool Exists(string folder, string name, int seed) => File.Exists(PathOf(folder, name, seed));

    public static ProofResult Read(string folder, string name, int seed) =>
        JsonSerializer.Deserialize<ProofResult>(File.ReadAllText(PathOf(folder, name, seed)))!;

    public void Write(string folder, string name, int seed)
    {
        string path = PathOf(folder, name, seed);
        File.WriteAllText(path + ".part", JsonSerializer.Serialize(this));
        File.Move(path + ".part", path, overwrite: true);
    }

    private static string PathOf(string folder, string name, int seed) => Path.Combine(folder, $"{name}-{seed}.json");
}
