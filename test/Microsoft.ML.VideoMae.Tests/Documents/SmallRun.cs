// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>
/// Makes a document's code runnable here: names of files become files of the tests, checkpoints tiny ones, and training takes an epoch of a
/// tiny model.
/// </summary>
internal sealed class SmallRun(string folder) : CSharpSyntaxRewriter
{
    private const string TrainerOptions = "Microsoft.ML.VideoMae.VideoMaeTrainer.Options";
    private const string TinyConfig = "new Microsoft.ML.VideoMae.VideoMaeConfig { ImageSize = 16, PatchSize = 8, NumFrames = 4, " +
        "HiddenSize = 16, NumHiddenLayers = 2, "
        + "NumAttentionHeads = 2, IntermediateSize = 32 }";

    private readonly Dictionary<string, string> _files = new()
    {
        ["dataset"] = TestClips.Animations,
        ["clip.mp4"] = TestClips.Clip("red", 1),
        ["clips/run/0001.mp4"] = TestClips.Clip("red", 1),
        ["MCG-NJU/videomae-base"] = ReferenceFiles.Path("tiny/pretraining"),
        ["MCG-NJU/videomae-base-finetuned-kinetics"] = ReferenceFiles.Path("tiny/classification"),
    };

    /// <summary>Files that code reads before anything has written them.</summary>
    public void Prepare()
    {
        File.WriteAllLines(Path.Combine(folder, "videos.csv"), [ "path,label,split", .. from label in (string[])["blue", "red"]
            from number in Enumerable.Range(1, TestClips.ClipsPerClass)
            select $"{TestClips.Animation(label, number)},{label},{(number < 5 ? "train" : number < 6 ? "val" : "test")}"]);
        File.WriteAllLines(Path.Combine(folder, "train.csv"), [$"{TestClips.Clip("blue", 1)} 8 0", $"{TestClips.Clip("red", 1)} 8 1"]);
        File.WriteAllLines(Path.Combine(folder, "mine.csv"),
            [$"blue\tx\t{TestClips.Clip("blue", 1)}", $"red\ty\t{TestClips.Clip("red", 1)}"]);
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (!node.IsKind(SyntaxKind.StringLiteralExpression))
            return node;
        string text = node.Token.ValueText;
        if (_files.TryGetValue(text, out string? path))
            return Literal(node, path);
        return
            text.StartsWith('/')
            || Path.GetExtension(text) is ".zip" or ".onnx" or ".png" or ".gif" or ".csv" or ".json"
            || text is "runs" or "state" or "exported" or "checkpoint"
            ? Literal(node, Path.Combine(folder, text.TrimStart('/')))
            : node;
    }

    /// <summary>A search takes all of its time: a transformer gets as many steps as fit.</summary>
    public override SyntaxNode? VisitAssignmentExpression(AssignmentExpressionSyntax node) =>
        node.Left.ToString() == nameof(VideoExperimentSettings.MaxExperimentTimeInSeconds)
            ? node.WithRight(SyntaxFactory.ParseExpression("10"))
            : base.VisitAssignmentExpression(node);

    public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        var visited = (ObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!;
        string type = visited.Type.ToString();
        if (!type.EndsWith(".Options", StringComparison.Ordinal) || !type.Split('.')[^2].StartsWith("VideoMae", StringComparison.Ordinal))
            return visited;
        string[] replaced = ["NumberOfEpochs", "Config"];
        List<ExpressionSyntax> kept =
        [.. (visited.Initializer?.Expressions ?? []).Where(e => !replaced.Contains(((AssignmentExpressionSyntax)e).Left.ToString()))];
        kept.Add(SyntaxFactory.ParseExpression("NumberOfEpochs = 1"));
        if (!kept.Any(e => e.ToString().StartsWith("PretrainedModel = \"", StringComparison.Ordinal)))
            kept.Add(SyntaxFactory.ParseExpression($"Config = {TinyConfig}"));
        if (type.Contains("Pretraining", StringComparison.Ordinal) || type.Contains("Anomaly", StringComparison.Ordinal))
            kept.Add(SyntaxFactory.ParseExpression("MaskRatio = 0.5f"));
        return visited.WithInitializer(
            SyntaxFactory.InitializerExpression(SyntaxKind.ObjectInitializerExpression, SyntaxFactory.SeparatedList(kept)));
    }

    /// <summary>Default settings take a minute: the same trainer with options takes a second.</summary>
    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        bool isTrainer = node.Expression.ToString().EndsWith("MulticlassClassification.Trainers.VideoMae", StringComparison.Ordinal);
        if (isTrainer && node.ArgumentList.Arguments is [{ Expression: ImplicitObjectCreationExpressionSyntax options }])
            node = node.ReplaceNode(options, SyntaxFactory.ParseExpression($"new {TrainerOptions} {options.Initializer}"));
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        return isTrainer && visited.ArgumentList.Arguments.FirstOrDefault()?.Expression is LiteralExpressionSyntax
            ? visited.WithArgumentList(SyntaxFactory.ParseArgumentList($"(new {TrainerOptions} {{ NumberOfEpochs = 1, Config = " +
                $"{TinyConfig} }})"))
            : visited;
    }

    private static LiteralExpressionSyntax Literal(LiteralExpressionSyntax old, string text) =>
        SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(text)).WithTriviaFrom(old);
}
