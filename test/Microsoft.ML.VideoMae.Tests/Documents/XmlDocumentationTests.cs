// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>What the compiler does not check in the documentation of public members.</summary>
[TestClass]
public sealed class XmlDocumentationTests
{
    private static readonly Assembly s_library = typeof(MLVideo).Assembly;

    private static readonly Dictionary<string, XElement> s_members = XDocument.Load(Path.ChangeExtension(s_library.Location, ".xml"))
        .Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);

    [TestMethod]
    public void Estimators_HaveTheSectionsOfMlNet()
    {
        Type[] estimators =
        [
            .. s_library
                .GetExportedTypes()
                .Where(t => !t.IsAbstract
                    && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEstimator<>)))];
        Assert.HasCount(12, estimators);
        foreach (Type type in estimators)
        {
            string text = s_members[$"T:{type.FullName}"].Value;
            bool trains = type.Name.EndsWith("Trainer", StringComparison.Ordinal) || type == typeof(VideoMaePretrainingEstimator);
            string[] sections = trains
                ? ["Input and Output Columns", "Trainer Characteristics", "Training Algorithm Details"]
                : ["Input and Output Columns", "Estimator Characteristics"];
            foreach (string section in sections)
                Assert.Contains($"### {section}", text, type.Name);
        }
    }

    [TestMethod]
    public void Options_SayTheirDefaults()
    {
        string[] silent =
        [.. from type in s_library.GetExportedTypes()
            where type.Name.EndsWith("Options", StringComparison.Ordinal)
            from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where member is FieldInfo or PropertyInfo
            let name = $"{(member is FieldInfo ? 'F' : 'P')}:{type.FullName!.Replace('+', '.')}.{member.Name}"
            where
                s_members.TryGetValue(name, out XElement? element)
                && element.Element("inheritdoc") is null
                && !element.Value.Contains("default", StringComparison.OrdinalIgnoreCase)
            select name];
        Assert.IsEmpty(silent, string.Join(", ", silent));
    }

    [TestMethod]
    public void Parameters_AreAllDocumented()
    {
        string[] silent =
        [.. from type in s_library.GetExportedTypes()
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where !method.IsSpecialName && method.GetParameters().Length > 0
            let element = Find(type, method)
            where element is not null && element.Element("inheritdoc") is null
            from parameter in method.GetParameters()
            where element.Elements("param").All(p => p.Attribute("name")!.Value != parameter.Name)
            select $"{type.Name}.{method.Name}({parameter.Name})"];
        Assert.IsEmpty(silent, string.Join(Environment.NewLine, silent));
    }

    /// <summary>
    /// The element of a method: found by its name and the names of what is documented, which tells overloads apart well enough.
    /// </summary>
    private static XElement? Find(Type type, MethodInfo method)
    {
        string prefix = $"M:{type.FullName!.Replace('+', '.')}.{method.Name}";
        return s_members
            .Where(m =>
                m.Key.StartsWith(prefix + "(", StringComparison.Ordinal) || m.Key.StartsWith(prefix + "`", StringComparison.Ordinal))
            .Select(m => m.Value)
            .OrderBy(m =>
                m.Elements("param").Select(p => p.Attribute("name")!.Value).Except(method.GetParameters().Select(p => p.Name)).Count())
            .ThenByDescending(m => m.Elements("param").Count(p => method.GetParameters().Any(q => q.Name == p.Attribute("name")!.Value)))
            .FirstOrDefault();
    }
}
