// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Generated;

/// <summary>The names in generated code.</summary>
internal static class CodeNames
{
    /// <summary>What is put behind a name that means something else in the code already.</summary>
    private const string Suffix = "Model";

    /// <summary>
    /// The namespaces that generated code and new projects use: a class called as a type of theirs would hide it, or be hidden.
    /// </summary>
    private static readonly HashSet<string> s_used =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
        "Microsoft.ML", "Microsoft.ML.Data", "Microsoft.ML.VideoMae",
    ];

    /// <summary>The members of the class, which cannot have its name, and what stands beside it.</summary>
    private static readonly string[] s_members =
    [
        "ModelInput", "ModelOutput", "MLNetModelPath", "PredictEngine", "Predict", "PredictAllLabels", "GetSortedScoresWithLabels",
        "GetLabels", "CreatePredictEngine", "RetrainDataPath", "Train", "LoadTrainingVideos", "LoadVideos", "RetrainModel", "SaveModel",
        "BuildPipeline", "Evaluate", "PrintMetrics", "System", "Microsoft", "VideoModels", "Program",
    ];

    private static readonly Lazy<HashSet<string>> s_taken = new(FindTaken);

    /// <summary>
    /// The class of a model: its name with what a C# name cannot have replaced, from a capital letter on, and with 'Model' behind it where
    /// it would be a member of its own or another type.
    /// </summary>
    public static string ClassOf(string name)
    {
        string text = new([.. name.Select(c => char.IsLetterOrDigit(c) ? c : '_')]);
        text = char.IsLetter(text[0]) ? $"{char.ToUpperInvariant(text[0])}{text[1..]}" : $"_{text}";
        while (s_taken.Value.Contains(text))
            text += Suffix;
        return text;
    }

    /// <summary>A verbatim string literal.</summary>
    public static string Literal(string text) => $"@\"{text.Replace("\"", "\"\"")}\"";

    private static HashSet<string> FindTaken()
    {
        string[] frameworks = ["System.Runtime", "System.Console", "System.Linq", "System.Collections", "System.Net.Http",
            "System.Threading", "System.Threading.Tasks.Parallel"];
        Assembly[] assemblies =
        [
            .. frameworks.Select(Assembly.Load), typeof(object).Assembly,
            typeof(MLContext).Assembly, typeof(IDataView).Assembly, typeof(ColumnNameAttribute).Assembly, typeof(MLVideo).Assembly,
        ];
        IEnumerable<string> types = assemblies.SelectMany(a => a.GetExportedTypes().Concat(a.GetForwardedTypes()))
            .Where(t => t.Namespace is string space && s_used.Contains(space)).Select(t => t.Name.Split('`')[0]);
        // An attribute is found without its ending too.
        return [.. s_members, .. types.SelectMany(
            t => t.EndsWith("Attribute", StringComparison.Ordinal) ? (string[])[t, t[..^"Attribute".Length]] : [t])];
    }
}
