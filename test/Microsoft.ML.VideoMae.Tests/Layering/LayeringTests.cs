// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary>Dependencies between the folders of the library point one way, and to few libraries.</summary>
[TestClass]
public sealed class LayeringTests
{
    private const string MlNet = "ML.NET", Torch = "TorchSharp", Skia = "SkiaSharp", Protobuf = "Protobuf", Yaml = "YAML";

    /// <summary>
    /// What a folder may know, and with it all that stands behind: folders, and libraries. Each row knows earlier rows only, so that there
    /// is no circle.
    /// </summary>
    private static readonly (string Folder, string[] Knows)[] s_wanted =
    [
        ("Common", []),
        ("Data", []),
        ("Distributed", []),
        ("Video", ["Common", MlNet, Skia]),
        ("Generated", ["Video"]),
        ("Processing", ["Video"]),
        ("Modeling", ["Common", Torch]),
        ("Checkpoints", ["Modeling", Yaml]),
        ("Shipped", ["Modeling"]),
        ("Options", ["Processing", "Shipped", "Distributed"]),
        ("Models", ["Checkpoints", "Options"]),
        ("Onnx", ["Models", Protobuf]),
        ("Featurizing", ["Options"]),
        ("Similarity", ["Featurizing"]),
        ("Loading", ["Options", "Data", "Similarity"]),
        ("Training", ["Models", "Data", "Featurizing"]),
        ("Explanation", ["Models"]),
        ("Reconstruction", ["Models"]),
        ("Scoring", ["Onnx", "Explanation", "Reconstruction"]),
        ("Timelines", ["Loading", "Scoring"]),
        ("Trainers", ["Training", "Scoring"]),
        ("Experiments", ["Trainers", "Similarity"]),
        (Arrows.Root, ["Experiments", "Loading", "Generated", "Timelines"]),
    ];

    private static readonly Lazy<Arrows> s_arrows = new(() =>
    {
        string assembly = typeof(MLVideo).Assembly.Location;
        byte[] symbols = File.ReadAllBytes(Path.ChangeExtension(assembly, ".pdb"));
        return new Arrows(File.ReadAllBytes(assembly), symbols, "src/Microsoft.ML.VideoMae", Library);
    });

    [TestMethod]
    public void Wanted_HasNoCircle()
    {
        HashSet<string> earlier = [MlNet, Torch, Skia, Protobuf, Yaml];
        foreach ((string folder, string[] knows) in s_wanted)
        {
            Assert.IsEmpty(knows.Where(other => !earlier.Contains(other)), $"{folder} knows what stands later.");
            Assert.IsTrue(earlier.Add(folder), $"{folder} stands twice.");
        }
    }

    [TestMethod]
    public void EveryType_LiesInAFolderWithWantedArrows()
    {
        Assert.IsEmpty(s_arrows.Value.Lost, string.Join(Environment.NewLine, s_arrows.Value.Lost));
        string[] unknown = [.. s_arrows.Value.Folders.Values.Distinct().Except(s_wanted.Select(row => row.Folder))];
        Assert.IsEmpty(unknown, $"Say in s_wanted what they may know: {string.Join(", ", unknown)}.");
    }

    [TestMethod]
    public void Arrows_PointOneWay()
    {
        Arrow[] wrong = [.. s_arrows.Value.All.Where(arrow => !Behind(arrow.From).Contains(arrow.To))];
        string[] lines = [.. wrong.Select(arrow => arrow.ToString()).Order(StringComparer.Ordinal)];
        Assert.IsEmpty(lines, $"Turn these arrows round:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }

    private static HashSet<string> Behind(string folder)
    {
        HashSet<string> behind = [];
        foreach (string other in s_wanted.Where(row => row.Folder == folder).SelectMany(row => row.Knows))
            behind.UnionWith(Behind(other).Append(other));
        return behind;
    }

    private static string? Library(string assembly) => assembly switch
    {
        "TorchSharp" => Torch,
        "SkiaSharp" => Skia,
        "Google.Protobuf" => Protobuf,
        "YamlDotNet" => Yaml,
        _ => assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal) ? MlNet : null,
    };
}
