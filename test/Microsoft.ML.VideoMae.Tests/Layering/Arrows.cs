// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Mono.Cecil;

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary>A type that uses another one of another folder, or a library.</summary>
/// <param name="From">The user's folder.</param>
/// <param name="To">The other's folder, or the library's name.</param>
/// <param name="User">The user.</param>
/// <param name="Used">The type that is used.</param>
internal sealed record Arrow(string From, string To, string User, string Used)
{
    /// <inheritdoc/>
    public override string ToString() => $"{From} -> {To}: {User} -> {Used}";
}

/// <summary>All arrows between the folders of an assembly's sources, and from them to libraries.</summary>
internal sealed class Arrows
{
    /// <summary>The folder of what lies in none.</summary>
    internal const string Root = "(root)";

    private readonly SortedDictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly List<string> _lost = [];
    private readonly HashSet<Arrow> _all = [];

    /// <param name="assembly">The assembly.</param>
    /// <param name="symbols">Its portable symbols.</param>
    /// <param name="source">The folder of the sources as the symbols name it, or its last part.</param>
    /// <param name="library">The name of the library that an assembly is a part of; null where arrows to it do not matter.</param>
    internal Arrows(byte[] assembly, byte[] symbols, string source, Func<string, string?> library)
    {
        var files = SourceFolders.Read(new MemoryStream(assembly), new MemoryStream(symbols));
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly));
        foreach (TypeDefinition type in module.Types.Where(type => !IsOfCompiler(type)))
        {
            IEnumerable<string?> folders = files[type.MetadataToken.ToInt32()].Select(file => FolderOf(file, source));
            Place(type, [.. folders.OfType<string>().Distinct()]);
        }

        foreach (TypeDefinition type in module.Types)
        {
            if (!_folders.TryGetValue(type.FullName, out string? from))
                continue;
            foreach (TypeReference used in TypeReferences.Of(type))
            {
                string? to = used.Scope is AssemblyNameReference other ? library(other.Name) : _folders.GetValueOrDefault(used.FullName);
                if (to is not null && to != from)
                    _all.Add(new Arrow(from, to, type.Name, used.Name));
            }
        }
    }

    /// <summary>Each type's folder by its full name.</summary>
    internal IReadOnlyDictionary<string, string> Folders => _folders;

    /// <summary>Types that lie in no folder or in several.</summary>
    internal IReadOnlyList<string> Lost => _lost;

    /// <summary>Every arrow once.</summary>
    internal IReadOnlyCollection<Arrow> All => _all;

    private void Place(TypeDefinition type, string[] folders)
    {
        if (folders.Length == 1)
            _folders[type.FullName] = folders[0];
        else
            _lost.Add($"{type.FullName} lies in {(folders.Length == 0 ? "no folder" : string.Join(", ", folders))}.");
    }

    private static bool IsOfCompiler(TypeDefinition type) =>
        type.Name.StartsWith('<')
        || type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == nameof(CompilerGeneratedAttribute));

    /// <summary>
    /// The first folder below the sources; null for files that are in none, and for parts that generators add to types of ours. What is
    /// generated as a whole lies under obj, in the folder of what it is generated from.
    /// </summary>
    private static string? FolderOf(string file, string source)
    {
        string path = file.Replace('\\', '/');
        int start = path.IndexOf($"/{source}/", StringComparison.Ordinal);
        if (start < 0 || path.EndsWith(".g.cs", StringComparison.Ordinal))
            return null;
        string[] parts = path[(start + source.Length + 2)..].Split('/');
        if (parts[0] == "obj") // obj/Release/net10.0/Folder/File.cs
            parts = parts[Math.Min(3, parts.Length - 1)..];
        return parts.Length > 1 ? parts[0] : Root;
    }
}
