// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Reads the card beside the weights of a checkpoint: README.md, whose head is YAML between two lines of three dashes.</summary>
internal static class CheckpointCardFile
{
    public const string FileName = "README.md";

    private const long MaxBytes = 1 << 20;
    private const string Fence = "---";
    private const string CachePrefix = "models--";

    /// <summary>Published checkpoints of VideoMAE's authors allow no commercial use.</summary>
    private const string PublishedOwner = "MCG-NJU/";
    private const string PublishedLicense = "cc-by-nc-4.0";

    /// <summary>Reads the card; an empty one where nothing is known.</summary>
    /// <param name="folder">The folder of the weights.</param>
    /// <param name="notes">Gets what a user should know of it.</param>
    public static CheckpointCard Read(string folder, List<string> notes)
    {
        string? repository = RepositoryOf(folder);
        var file = new FileInfo(Path.Combine(folder, FileName));
        CheckpointCard card = new();
        if (file.Exists && file.Length > MaxBytes)
            notes.Add($"'{file.FullName}' has more than {MaxBytes} bytes. It was not read: the licence of the weights is not known.");
        else if (file.Exists)
            card = Parse(File.ReadAllText(file.FullName), file.FullName, notes);
        card = OfRepository(repository, card) ?? card;
        if (card.ForbidsCommercialUse)
            notes.Add(card.ToString()!);
        return card;
    }

    /// <summary>The card of a repository on the hub whose own says nothing of a licence, or is not at hand.</summary>
    /// <param name="repository">Its id; null where it is not known.</param>
    /// <param name="card">Its card; null where there is none.</param>
    public static CheckpointCard? OfRepository(string? repository, CheckpointCard? card = null)
    {
        if (repository is null)
            return card;
        card = (card ?? new CheckpointCard()) with { Repository = repository };
        return card.License is null && repository.StartsWith(PublishedOwner, StringComparison.OrdinalIgnoreCase)
            ? card with { License = PublishedLicense } : card;
    }

    /// <summary>Reads the text of a card.</summary>
    /// <param name="text">README.md.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="notes">Gets what is wrong with it.</param>
    public static CheckpointCard Parse(string text, string name, List<string> notes)
    {
        string[] lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        int end = lines[0].TrimEnd() == Fence ? Array.FindIndex(lines, 1, line => line.TrimEnd() == Fence) : -1;
        if (end < 0)
            return new CheckpointCard { Text = string.Join('\n', lines).Trim() };
        string body = string.Join('\n', lines[(end + 1)..]).Trim();
        try
        {
            string head = string.Join('\n', lines[1..end]);
            Check(head);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(head));
            return yaml.Documents.Count > 0 && yaml.Documents[0].RootNode is YamlMappingNode fields
                ? Card(fields) with { Text = body } : new CheckpointCard { Text = body };
        }
        catch (YamlException e)
        {
            notes.Add($"The fields of '{name}' cannot be read: {e.Message.TrimEnd('.')}. The licence of the weights is not known.");
            return new CheckpointCard { Text = body };
        }
    }

    /// <summary>What comes from outside may be made to fill the stack, or to grow without end where it is written again.</summary>
    private static void Check(string yaml)
    {
        const int MostLevels = 32;
        var parser = new Parser(new StringReader(yaml));
        for (int level = 0; parser.MoveNext();)
        {
            level += parser.Current!.NestingIncrease;
            if (level > MostLevels + 2) // A stream and a document are levels as well.
                throw new YamlException($"they have more than {MostLevels} levels");
            if (parser.Current is AnchorAlias)
                throw new YamlException("they have aliases, which are not read here");
        }
    }

    private static CheckpointCard Card(YamlMappingNode fields) => new()
    {
        License = string.Join(", ", Texts(fields, "license")) is { Length: > 0 } license ? license : null,
        LicenseName = Texts(fields, "license_name").FirstOrDefault(),
        LicenseLink = Texts(fields, "license_link").FirstOrDefault(),
        BaseModels = Texts(fields, "base_model"),
        Datasets = Texts(fields, "datasets"),
        Languages = Texts(fields, "language"),
        Metrics = Texts(fields, "metrics"),
        ModelIndex = Node(fields, "model-index") is YamlSequenceNode results ? Written(results) : null,
    };

    private static YamlNode? Node(YamlMappingNode fields, string name) =>
        fields.Children.TryGetValue(new YamlScalarNode(name), out YamlNode? node) ? node : null;

    /// <summary>A text or a list of texts; what is neither is passed over.</summary>
    private static string[] Texts(YamlMappingNode fields, string name)
    {
        YamlNode[] nodes = Node(fields, name) is YamlNode node ? node is YamlSequenceNode list ? [.. list.Children] : [node] : [];
        return [.. nodes.OfType<YamlScalarNode>().Select(n => n.Value?.Trim() ?? "").Where(text => text is not ("" or "null" or "~"))];
    }

    private static string Written(YamlNode node)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        // The emitter ends a document with three dots.
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Where(line => line is not ("..." or ""))) + "\n";
    }

    /// <summary>The id of a repository in the hub's cache, models--ORG--NAME/snapshots/COMMIT; null for other folders.</summary>
    private static string? RepositoryOf(string folder)
    {
        for (var at = new DirectoryInfo(Path.GetFullPath(folder)); at is not null; at = at.Parent)
        {
            if (at.Name.StartsWith(CachePrefix, StringComparison.Ordinal)
                && at.Name[CachePrefix.Length..].Split("--") is [{ Length: > 0 } owner, { Length: > 0 } name])
                return $"{owner}/{name}";
        }

        return null;
    }
}
