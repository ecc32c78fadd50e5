// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary><see cref="LayeringTests"/> can fail: every way to refer to a type is found in an assembly that has just this one.</summary>
[TestClass]
public sealed class ArrowsTests
{
    private const string Part = "partial class User { void M() { } }";

    private const string Lower = """
        namespace Same;
        public class Plain { public static int Field; public static Plain Make() => null; public int Value { get; set; } }
        public interface IAble { }
        public enum Kind { One }
        public struct Pair { public int Left; }
        public class Box<T> { public class Inner { } }
        public sealed class MarkAttribute(System.Type type = null) : System.Attribute { public System.Type Named; }
        public sealed class OddException : System.Exception { }
        public static class Extended { public static void Use(this object x) { } }
        """;

    private static readonly string[] s_libraries =
    [
        "System.Private.CoreLib", "System.Runtime", "System.Linq.Expressions", "System.Collections", "System.ObjectModel",
        "System.ComponentModel.TypeConverter",
    ];

    [TestMethod]
    [DataRow("class User : Plain;", "Plain", DisplayName = "base type")]
    [DataRow("class User : IAble;", "IAble", DisplayName = "interface")]
    [DataRow("class User : System.Collections.Generic.List<Plain>;", "Plain", DisplayName = "generic argument of the base type")]
    [DataRow("class User<T> where T : Plain;", "Plain", DisplayName = "constraint")]
    [DataRow("class User { void M<T>() where T : IAble { } }", "IAble", DisplayName = "constraint of a method")]
    [DataRow("class User { Kind[] _field; }", "Kind", DisplayName = "element of a field")]
    [DataRow("class User { Box<string>.Inner _field; }", "Box`1", DisplayName = "type inside another")]
    [DataRow("class User { System.Func<int, System.Action<Kind>> _field; }", "Kind", DisplayName = "generic argument inside another")]
    [DataRow("abstract class User { public abstract Plain M(); }", "Plain", DisplayName = "result")]
    [DataRow("interface User { void M(ref Pair x); }", "Pair", DisplayName = "parameter, in an interface")]
    [DataRow("delegate void User(Kind x);", "Kind", DisplayName = "delegate")]
    [DataRow("abstract class User { public abstract event System.Action<Kind> E; }", "Kind", DisplayName = "event")]
    [DataRow("[Mark] enum User { One }", "MarkAttribute", DisplayName = "attribute, of an enum")]
    [DataRow("class User { void M([Mark] int x) { } }", "MarkAttribute", DisplayName = "attribute of a parameter")]
    [DataRow("[System.ComponentModel.TypeConverter(typeof(Plain))] class User;", "Plain", DisplayName = "type in an attribute")]
    [DataRow("class User { object M() => new Plain(); }", "Plain", DisplayName = "constructor")]
    [DataRow("class User { int M() => Plain.Field; }", "Plain", DisplayName = "static field")]
    [DataRow("class User { void M(object x) => x.Use(); }", "Extended", DisplayName = "extension method")]
    [DataRow("class User { bool M(object x) => x is IAble; }", "IAble", DisplayName = "test of a type")]
    [DataRow("class User { int M(object x) => ((Pair)x).Left; }", "Pair", DisplayName = "cast")]
    [DataRow("class User { object M() => typeof(Plain); }", "Plain", DisplayName = "typeof")]
    [DataRow("class User { object M() => System.Array.Empty<Kind>(); }", "Kind", DisplayName = "generic argument of a call")]
    [DataRow("class User { object M() { Kind[] x = null; return x; } }", "Kind", DisplayName = "local")]
    [DataRow("class User { void M() { try { M(); } catch (OddException) { } } }", "OddException", DisplayName = "exception that is caught")]
    [DataRow("class User { object M() => (System.Func<object>)(() => new Plain()); }", "Plain", DisplayName = "closure")]
    [DataRow("class User { class Inner { class Inmost { Plain _x; } } }", "Plain", DisplayName = "type in a type in a type")]
    [DataRow("unsafe class User { delegate*<Pair, void> _x; }", "Pair", DisplayName = "function pointer")]
    public void Reference_OfAnyKind_IsFound(string code, string used)
    {
        Arrows arrows = Compile(("Upper/User.cs", $"namespace Same; {code}"), ("Lower/Deep/Plain.cs", Lower));
        Assert.IsEmpty(arrows.Lost, string.Join(" ", arrows.Lost));
        Assert.Contains(("Upper", "Lower", used), arrows.All.Select(arrow => (arrow.From, arrow.To, arrow.Used)).ToArray());
        Assert.IsEmpty(arrows.All.Where(arrow => arrow.From == "Lower"));
    }

    [TestMethod]
    public void Reference_ToALibrary_IsFound()
    {
        Arrows arrows = Compile(("Upper/User.cs", "class User { System.Linq.Expressions.Expression _x; }"));
        Assert.AreEqual(new Arrow("Upper", "Library", "User", "Expression"), arrows.All.Single());
    }

    [TestMethod]
    public void Reference_InsideOfAFolder_IsNoArrow() =>
        Assert.IsEmpty(Compile(("Lower/A/User.cs", "class User : Same.Plain;"), ("Lower/B/Plain.cs", Lower)).All);

    [TestMethod]
    public void Type_InTwoFolders_IsLost()
    {
        Arrows arrows = Compile(("A/One.cs", Part), ("B/Two.cs", "partial class User { void N() { } }"));
        Assert.AreEqual("User lies in A, B.", arrows.Lost.Single());
    }

    [TestMethod]
    public void Type_ThatAGeneratorAddsTo_LiesInItsOwnFolder() =>
        Assert.IsEmpty(Compile(("A/One.cs", Part), ("Generator/Two.g.cs", "partial class User { void N() { } }")).Lost);

    [TestMethod]
    public void Type_BesideTheFoldersOrGenerated_HasItsFolder()
    {
        Arrows arrows = Compile(("One.cs", "class One;"), ("obj/Release/net10.0/Made/Two.cs", "class Two;"));
        Assert.AreEqual((Arrows.Root, "Made"), (arrows.Folders["One"], arrows.Folders["Two"]));
    }

    private static Arrows Compile(params (string Path, string Code)[] files)
    {
        string core = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        MetadataReference[] references =
        [.. s_libraries.Select(name => MetadataReference.CreateFromFile(Path.Combine(core, $"{name}.dll")))];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "compiled",
            files.Select(f => CSharpSyntaxTree.ParseText(SourceText.From(f.Code, Encoding.UTF8), path: $"/somewhere/code/{f.Path}")),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        using MemoryStream assembly = new(), symbols = new();
        var options = new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb);
        EmitResult result = compilation.Emit(assembly, symbols, options: options);
        Assert.IsTrue(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        return new Arrows(assembly.ToArray(), symbols.ToArray(), "code", name => name == "System.Linq.Expressions" ? "Library" : null);
    }
}
