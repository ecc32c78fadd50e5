// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae;

/// <summary>Reads the fields of a JSON object. What has the wrong type is noted, and a null is a field that is not there.</summary>
internal sealed class JsonFields(JsonObject json, ProblemList problems)
{
    private const int MostShown = 80;

    private readonly HashSet<string> _known = [];

    /// <summary>A field as it is; from then on it is a known one.</summary>
    public JsonNode? Take(string name)
    {
        _known.Add(name);
        return json[name];
    }

    public JsonObject? Object(string name) => Take(name) switch
    {
        null => null,
        JsonObject value => value,
        JsonNode other => Wrong<JsonObject?>(name, other, "an object", null),
    };

    public string? Text(string name) => Take(name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonNode other => Wrong<string?>(name, other, "a text", null),
    };

    public bool Flag(string name, bool otherwise) => Take(name) switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        JsonNode other => Wrong(name, other, "true or false", otherwise),
    };

    public int? Integer(string name) => Take(name) is { } node ? AsInteger(node) ?? Wrong<int?>(name, node, "a whole number", null) : null;

    public int Integer(string name, int otherwise) => Integer(name) ?? otherwise;

    public double? Number(string name) => Take(name) is { } node ? AsNumber(node) ?? Wrong<double?>(name, node, "a number", null) : null;

    public double Number(string name, double otherwise) => Number(name) ?? otherwise;

    /// <summary>A copy of every field that was not asked for.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Unknown() =>
        json.Where(field => !_known.Contains(field.Key)).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()));

    /// <summary>Notes a field that is not what it must be.</summary>
    public T Wrong<T>(string name, JsonNode value, string allowed, T otherwise)
    {
        string given = value.ToJsonString();
        problems.Add($"{name} is {(given.Length > MostShown ? given[..MostShown] + "..." : given)}; it must be {allowed}.");
        return otherwise;
    }

    public static double? AsNumber(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double number) ? number : null;

    public static int? AsInteger(JsonNode? node) => AsNumber(node) is { } number && number == (int)number ? (int)number : null;
}
