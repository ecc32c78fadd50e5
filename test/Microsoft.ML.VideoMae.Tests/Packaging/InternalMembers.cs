// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>Finds the members of ML.NET that are not public and that our assembly uses or overrides, by reading its IL.</summary>
internal static class InternalMembers
{
    /// <summary>Compares our assembly with a build of ML.NET.</summary>
    /// <param name="ours">The path of our assembly.</param>
    /// <param name="folder">The folder of ML.NET's assemblies.</param>
    /// <returns>The names of the internal members that are there, and of all used members that are not.</returns>
    public static (IReadOnlyList<string> Internal, IReadOnlyList<string> Missing) Find(string ours, string folder)
    {
        using var resolver = new DefaultAssemblyResolver();
        foreach (string known in resolver.GetSearchDirectories())
            resolver.RemoveSearchDirectory(known);
        resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(ours));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using ModuleDefinition module = ModuleDefinition.ReadModule(ours, new ReaderParameters { AssemblyResolver = resolver });
        var internals = new SortedSet<string>(StringComparer.Ordinal);
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (TypeReference type in module.GetTypeReferences().Where(IsMlNet))
            Sort(type, type.Resolve() is { } found ? IsVisible(found) : null);
        foreach (MemberReference member in module.GetMemberReferences().Where(m => IsMlNet(m.DeclaringType)))
            Sort(member, IsVisible(member));
        foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods))
        {
            if (Overridden(method) is { } overridden)
                Sort(overridden, IsVisible(overridden.Resolve()));
        }

        return ([.. internals], [.. missing]);

        void Sort(MemberReference member, bool? isVisible)
        {
            if (isVisible is null)
                missing.Add(member.FullName);
            else if (isVisible is false)
                internals.Add(member.FullName);
        }
    }

    private static bool IsMlNet(TypeReference type) =>
        type.GetElementType().Scope is AssemblyNameReference scope && scope.Name.StartsWith("Microsoft.ML.", StringComparison.Ordinal);

    /// <summary>The method of an ML.NET class that a method of ours overrides.</summary>
    private static MethodDefinition? Overridden(MethodDefinition method)
    {
        if (!method.IsVirtual || method.IsNewSlot)
            return null;
        for (TypeReference? at = method.DeclaringType.BaseType; at is not null; at = at.Resolve()?.BaseType)
        {
            MethodDefinition? found = at.Resolve()
                ?.Methods.FirstOrDefault(m => m.IsVirtual && m.Name == method.Name && m.Parameters.Count == method.Parameters.Count);
            if (found is not null
                && at.GetElementType().Resolve().Module.Assembly.Name.Name.StartsWith("Microsoft.ML.", StringComparison.Ordinal)
                && found.Module != method.Module)
                return found;
        }

        return null;
    }

    /// <summary>Whether everybody may use it; null where it does not exist.</summary>
    private static bool? IsVisible(MemberReference member) =>
        member switch
        {
            MethodReference method => method.Resolve() is { } found
                ? (found.IsPublic || found.IsFamily || found.IsFamilyOrAssembly) && IsVisible(found.DeclaringType)
                : null,
            FieldReference field => field.Resolve() is { } found
                ? (found.IsPublic || found.IsFamily || found.IsFamilyOrAssembly) && IsVisible(found.DeclaringType)
                : null,
            _ => true,
        };

    private static bool IsVisible(TypeDefinition type) =>
        type.IsPublic || (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsVisible(type.DeclaringType);
}
