// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>Dependencies between the parts of the library point one way.</summary>
[TestClass]
public sealed class LayeringTests
{
    private const string Root = "Microsoft.ML.VideoMae";

    [TestMethod]
    [DataRow("Modeling")]
    [DataRow("Checkpoints")]
    public void ModelsAndCheckpoints_KnowNeitherMlNetNorVideos(string part)
    {
        string[] allowed = [$"{Root}.Modeling", $"{Root}.Checkpoints"];
        foreach ((string user, TypeReference used) in References($"{Root}.{part}"))
        {
            string name = used.Namespace;
            bool isOurs = name.StartsWith(Root, StringComparison.Ordinal);
            bool isMlNet = name.StartsWith("Microsoft.ML", StringComparison.Ordinal) && !isOurs;
            Assert.IsFalse(isMlNet, $"{user} uses {used.FullName}.");
            Assert.IsTrue(!isOurs || allowed.Any(a => name.StartsWith(a, StringComparison.Ordinal)), $"{user} uses {used.FullName}.");
        }
    }

    [TestMethod]
    [DataRow("Decoding")]
    [DataRow("Sampling")]
    [DataRow("Processing")]
    public void VideosAndProcessing_DoNotKnowTorch(string part)
    {
        foreach ((string user, TypeReference used) in References($"{Root}.{part}"))
            Assert.IsFalse(used.Namespace.StartsWith("TorchSharp", StringComparison.Ordinal), $"{user} uses {used.FullName}.");
    }

    private static IEnumerable<(string User, TypeReference Used)> References(string space)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(MLVideo).Assembly.Location);
        TypeDefinition[] types = [.. module.GetTypes().Where(t => Outermost(t).Namespace.StartsWith(space, StringComparison.Ordinal))];
        Assert.IsNotEmpty(types);
        return [.. types.SelectMany(t => Used(t).Where(u => u is not null).Select(u => (t.FullName, u!)))];
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    private static IEnumerable<TypeReference?> Used(TypeDefinition type)
    {
        yield return type.BaseType;
        foreach (FieldDefinition field in type.Fields)
            yield return field.FieldType.GetElementType();
        foreach (MethodDefinition method in type.Methods)
        {
            yield return method.ReturnType.GetElementType();
            foreach (ParameterDefinition parameter in method.Parameters)
                yield return parameter.ParameterType.GetElementType();
            foreach (Instruction instruction in method.HasBody ? method.Body.Instructions : [])
                yield return (instruction.Operand as MemberReference)?.DeclaringType?.GetElementType();
        }
    }
}
