// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;

namespace VideoMaeCli.Generated;

/// <summary>The names in generated code.</summary>
internal static class CodeNames
{
    /// <summary>The class of a model: its name with what a C# name cannot have replaced, from a capital letter on.</summary>
    public static string ClassOf(string name)
    {
        string text = new([.. name.Select(c => char.IsLetterOrDigit(c) ? c : '_')]);
        if (!char.IsLetter(text[0]))
            return $"_{text}";
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}";
    }

    /// <summary>A verbatim string literal.</summary>
    public static string Literal(string text) => $"@\"{text.Replace("\"", "\"\"")}\"";
}
