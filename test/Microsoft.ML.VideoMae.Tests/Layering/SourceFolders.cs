// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary>The source files of every type of an assembly, as its portable symbols name them: namespaces and folders differ.</summary>
internal static class SourceFolders
{
    /// <summary>Where the symbols of types without a method body name their file: enums, interfaces, constants.</summary>
    private static readonly Guid s_typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    /// <summary>The files of each outermost type by its metadata token, in the order of the symbols.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="symbols">Its portable symbols.</param>
    internal static IReadOnlyDictionary<int, IReadOnlyCollection<string>> Read(Stream assembly, Stream symbols)
    {
        using var image = new PEReader(assembly);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        MetadataReader types = image.GetMetadataReader(), documents = provider.GetMetadataReader();
        var files = new Dictionary<int, IReadOnlyCollection<string>>();
        foreach (TypeDefinitionHandle handle in types.TypeDefinitions)
        {
            int token = MetadataTokens.GetToken(Outermost(types, handle));
            if (!files.TryGetValue(token, out IReadOnlyCollection<string>? known))
                files[token] = known = new HashSet<string>(StringComparer.Ordinal);
            ((HashSet<string>)known).UnionWith(Documents(types.GetTypeDefinition(handle), handle, documents));
        }

        return files;
    }

    private static TypeDefinitionHandle Outermost(MetadataReader types, TypeDefinitionHandle handle)
    {
        TypeDefinitionHandle outer = types.GetTypeDefinition(handle).GetDeclaringType();
        return outer.IsNil ? handle : Outermost(types, outer);
    }

    private static IEnumerable<string> Documents(TypeDefinition type, TypeDefinitionHandle handle, MetadataReader documents)
    {
        IEnumerable<DocumentHandle> ofMethods = type.GetMethods()
            .Select(method => documents.GetMethodDebugInformation(method.ToDebugInformationHandle()))
            .SelectMany(method => method.GetSequencePoints().Select(point => point.Document).Append(method.Document));
        IEnumerable<DocumentHandle> ofType = documents.GetCustomDebugInformation(handle).Select(documents.GetCustomDebugInformation)
            .Where(information => documents.GetGuid(information.Kind) == s_typeDocuments)
            .SelectMany(information => Handles(documents.GetBlobReader(information.Value)));
        return ofMethods.Concat(ofType).Where(document => !document.IsNil).Distinct()
            .Select(document => documents.GetString(documents.GetDocument(document).Name));
    }

    private static List<DocumentHandle> Handles(BlobReader numbers)
    {
        var handles = new List<DocumentHandle>();
        while (numbers.RemainingBytes > 0)
            handles.Add(MetadataTokens.DocumentHandle(numbers.ReadCompressedInteger()));
        return handles;
    }
}
