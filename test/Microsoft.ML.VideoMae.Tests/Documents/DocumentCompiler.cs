// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>Compiles blocks of documents as programs against the assemblies of this build.</summary>
internal static class DocumentCompiler
{
    /// <summary>What the .NET SDK lets a console program use without saying so.</summary>
    private const string UsingsOfTheSdk = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        """;

    /// <summary>
    /// What a block may use as well: docs/README.md tells. A block with a using of its own needs all of them, as a program of its own does.
    /// </summary>
    private const string Usings = """
        global using Microsoft.ML;
        global using Microsoft.ML.Data;
        global using Microsoft.ML.VideoMae;
        global using Microsoft.ML.VideoMae.Modeling;
        """;

    /// <summary>What a block may use that stands in an earlier one, by name. They may use each other.</summary>
    private static readonly Dictionary<string, string> s_given = new()
    {
        ["ml"] = "var ml = new MLContext(seed: 1);",
        ["videos"] = "IDataView videos = ml.Data.LoadVideosFromDirectory(\"dataset\");",
        ["usualVideos"] = "IDataView usualVideos = videos;",
        ["data"] = "IDataView data = ml.Transforms.Conversion.MapValueToKey(\"Label\").Append(ml.Transforms.LoadVideos(\"Video\", " +
            "\"VideoPath\")).Fit(videos).Transform(videos);",
        ["labelledVideos"] = "IDataView labelledVideos = ml.Transforms.Conversion.MapValue(\"Label\", [new KeyValuePair<string, " +
            "float>(\"blue\", 0), new(\"red\", 1)], \"Label\").Fit(videos).Transform(videos);",
        ["model"] = "using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(\"MCG-NJU/videomae-base-finetuned-kinetics\");",
        ["video"] = "MLVideo video = MLVideo.CreateFromFile(\"clip.mp4\");",
        ["sampler"] = "FrameSampler sampler = new UniformFrameSampler(4);",
        ["bytes"] = "byte[] bytes = File.ReadAllBytes(\"clip.mp4\");",
        ["images"] = "MLImage[] images = [.. Enumerable.Range(0, 4).Select(_ => MLImage.CreateFromPixels(2, 2, MLPixelFormat.Rgba32, new " +
            "byte[16]))];",
    };

    private static readonly MetadataReference[] s_references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(File.Exists).Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Compiles a block; names that it does not declare are given.</summary>
    /// <returns>The assembly, or null and the errors.</returns>
    public static (byte[]? Assembly, string Errors) Compile(string code, Func<CompilationUnitSyntax, CompilationUnitSyntax>? rewrite = null)
    {
        var given = new List<string>();
        while (true)
        {
            CSharpCompilation compilation = Create(code, given, rewrite);
            Diagnostic[] errors = [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];
            string[] unknown =
            [
                .. errors
                    .Where(e => e.Id == "CS0103")
                    .Select(NameOf)
                    .Distinct()
                    .Where(name => s_given.ContainsKey(name) && !given.Contains(name))];
            if (unknown.Length > 0)
            {
                given.InsertRange(0, unknown);
                continue;
            }

            using var stream = new MemoryStream();
            return errors.Length == 0 && compilation.Emit(stream).Success
                ? (stream.ToArray(), "")
                : (null, string.Join(Environment.NewLine, errors.Select(e => e.ToString())));
        }
    }

    /// <summary>Runs a program.</summary>
    public static void Run(byte[] program)
    {
        MethodInfo main = Assembly.Load(program).EntryPoint!;
        try
        {
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }
        catch (TargetInvocationException e)
        {
            throw new InvalidOperationException(e.InnerException!.Message, e.InnerException);
        }
    }

    private static CSharpCompilation Create(string code, List<string> given, Func<CompilationUnitSyntax, CompilationUnitSyntax>? rewrite)
    {
        // Using directives come first, then what is given, then the block: its lines keep their numbers.
        string[] lines = code.Split('\n');
        string usings = string.Join('\n', lines.TakeWhile(line =>
            line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=') || line.Length == 0));
        string globals = usings.Contains("using Microsoft", StringComparison.Ordinal) ? UsingsOfTheSdk : $"{UsingsOfTheSdk}\n{Usings}";
        string prelude = string.Join(' ', given.OrderBy(Depth).Select(name => s_given[name]));
        string program = $"{usings}\n#nullable enable\n#line hidden\n{prelude}\n#line 1\n{code[Math.Min(code.Length, usings.Length)..]}";
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var unit = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(program, options).GetRoot();
        SyntaxTree tree = CSharpSyntaxTree.Create(rewrite?.Invoke(unit) ?? unit, options);
        return CSharpCompilation.Create($"document{Guid.NewGuid():N}", [tree, CSharpSyntaxTree.ParseText(globals, options)], s_references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Later definitions use earlier ones.</summary>
    private static int Depth(string name) => Array.IndexOf([.. s_given.Keys], name);

    private static string NameOf(Diagnostic error) => error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan).ToString();
}
