// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Reads the fields of a processor's JSON object, noting every field that has the wrong type.</summary>
internal sealed class JsonFields(JsonObject json)
{
    private static readonly (string Name, ProcessorBackend Backend)[] s_backends =
    [
        ("pillow", ProcessorBackend.Pillow),
        ("torchvision", ProcessorBackend.Torchvision),
        ("torchvision_round_crop", ProcessorBackend.TorchvisionRoundCrop),
    ];

    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = [];

    public static string BackendName(ProcessorBackend backend) => s_backends.First(b => b.Backend == backend).Name;

    public bool Boolean(string name, bool otherwise)
    {
        JsonNode? node = Take(name);
        if (node is null)
            return otherwise;
        if (node.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return node.GetValue<bool>();
        return Wrong(name, node, "true or false", otherwise);
    }

    public int? Integer(string name, int? otherwise)
    {
        JsonNode? node = Take(name);
        return node is null ? otherwise : AsInteger(node) ?? Wrong(name, node, "a whole number", otherwise ?? 1);
    }

    public double? Number(string name, double? otherwise)
    {
        JsonNode? node = Take(name);
        return node is null ? otherwise : AsNumber(node) ?? Wrong(name, node, "a number", otherwise ?? 1);
    }

    public IReadOnlyList<double> Channels(string name, IReadOnlyList<double> otherwise)
    {
        JsonNode? node = Take(name);
        if (node is null)
            return otherwise;
        if (AsNumber(node) is { } one)
            return [one, one, one];
        double?[] values = node is JsonArray array ? [.. array.Select(AsNumber)] : [null];
        return values.All(v => v is not null)
            ? [.. values.Select(v => v!.Value)]
            : Wrong(name, node, "a number or a list of three numbers", otherwise);
    }

    public FrameSize Size(string name, Func<int, FrameSize> fromNumber, FrameSize otherwise)
    {
        JsonNode? node = Take(name);
        FrameSize? size = node switch
        {
            null => otherwise,
            JsonValue when AsInteger(node) is { } edge => fromNumber(edge),
            JsonArray { Count: 2 } pair => Exact(pair[0], pair[1]),
            JsonObject fields => FromObject(fields),
            _ => null,
        };
        return size ?? Wrong(name, node!, """a whole number, {"shortest_edge": n} or {"height": n, "width": n}""", otherwise);
    }

    public ProcessorBackend Backend(string name, ProcessorBackend otherwise)
    {
        JsonNode? node = Take(name);
        if (node is null)
            return otherwise;
        foreach ((string known, ProcessorBackend backend) in s_backends)
        {
            if (node is JsonValue value && value.TryGetValue(out string? text) && text == known)
                return backend;
        }

        return Wrong(name, node, string.Join(", ", s_backends.Select(b => b.Name)), otherwise);
    }

    /// <summary>A copy of every field that was not asked for.</summary>
    public JsonObject Unknown()
    {
        var unknown = new JsonObject();
        foreach ((string name, JsonNode? value) in json)
        {
            if (!_known.Contains(name))
                unknown[name] = value?.DeepClone();
        }

        return unknown;
    }

    public void ThrowIfProblems(string source)
    {
        if (_problems.Count > 0)
        {
            throw new InvalidDataException(
                $"The image processor's settings in '{source}' are invalid:{Environment.NewLine}- " +
                $"{string.Join(Environment.NewLine + "- ", _problems)}");
        }
    }

    private JsonNode? Take(string name)
    {
        _known.Add(name);
        return json[name];
    }

    private T Wrong<T>(string name, JsonNode node, string allowed, T otherwise)
    {
        string given = node.ToJsonString();
        _problems.Add($"{name} is {(given.Length > 80 ? given[..80] + "..." : given)}; it must be {allowed}.");
        return otherwise;
    }

    // Newer releases write all fields a size can have, most of them null.
    private static FrameSize? FromObject(JsonObject json) => json.Count(field => field.Value is not null) switch
    {
        1 when AsInteger(json["shortest_edge"]) is { } edge => FrameSize.Shortest(edge),
        2 => Exact(json["height"], json["width"]),
        _ => null,
    };

    private static FrameSize? Exact(JsonNode? height, JsonNode? width) =>
        AsInteger(height) is { } h && AsInteger(width) is { } w ? FrameSize.Exact(h, w) : null;

    private static double? AsNumber(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double number) ? number : null;

    private static int? AsInteger(JsonNode? node) =>
        AsNumber(node) is { } number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;
}
