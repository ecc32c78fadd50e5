// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli;
using VideoMaeCli.Generated;
using VideoMaeCli.Report;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>Whatever a model is called, its code compiles.</summary>
[TestClass]
public sealed class CodeNamesTests
{
    /// <summary>What a new console project uses without saying so.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] s_references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(File.Exists).Select(path => MetadataReference.CreateFromFile(path))];

    public static IEnumerable<object[]> Names =>
        ((string[])
                [
                    "colours", "train", "Train", "predict", "evaluate", "path", "file", "console", "model-input", "model-output",
                    "ModelInput", "ModelInputModel", "predictEngine", "saveModel", "RetrainModel", "loadVideos", "getLabels",
                    "PrintMetrics", "BuildPipeline", "2024 cats", "été", "a.b", "class", "string", "object", "program", "system",
                    "microsoft", "videoModels", "videoMae", "mLContext", "iDataView", "lazy", "array", "math", "task", "timer",
                    "columnName", "columnNameAttribute", "label", "score", "videoPath", "dictionary", "enumerable", "exception", "action",
                    "record", "var", "-", "...x", "猫", "it's \"so\"", "a\\b", "{0}", "x{{y}}", "*", "new", "_", "keyValuePair", "int32",
                    "index", "range", "file.path", "appContext", "httpClient",
                    "nullable"]).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void GeneratedCode_AndTheLinesOfTheReport_Compile(string name)
    {
        ModelName.Check(name);
        var settings = new TrainSettings
        {
            Name = name,
            Dataset = "/data/\"my\" set",
            GroupColumn = "person",
            Options = new OptionValues(new Dictionary<string, object?>
            {
                ["Precision"] = ComputePrecision.Auto,
                ["Resizing"] = FrameResizing.Fill,
                ["FineTuning"] = FineTuningMode.Full,
            }),
            List = new ListSettings { Separator = "space", Header = false, PathColumn = "1", LabelColumn = "3", Encoding = "windows-1252" },
        };
        string[] code =
        [ConsumptionCode.Write(name, VideoTask.Classification), TrainingCode.Write(settings, "Split", keepsShare: true),
            EvaluationCode.Write(name, VideoTask.Classification), UsageCode.Write(name, VideoTask.Classification), ImplicitUsings];
        AssertCompiles(name, code);
    }

    [TestMethod]
    [DataRow("pixels", 0)]
    [DataRow("motion + image features", 0)]
    [DataRow("motion", 1)]
    [DataRow("pixels + motion", 2)]
    public void GeneratedCode_OfAnExperiment_Compiles(string taken, int number)
    {
        var task = (VideoTask)number;
        var settings = new TrainSettings { Name = "colours", Dataset = "set", GroupColumn = "person", TrainTime = 60, Task = task };
        var trial = new Trial(taken, "", "", IsBest: true, 0, 0, 1, 1, 12, 1, 1, null, null);
        IDataView none = new MLContext().Data.LoadFromEnumerable<VideoInput>([]);
        var result = new TrainResult("x.zip", new VideoSets(none, null, null), [], null, 0, null, null, [], false, false) { Trials = [trial] };
        string code = TrainingCode.Write(settings, result);
        Assert.Contains($"candidate.Name is {string.Join(" or ", taken.Split(" + ").Select(n => $"@\"{n}\""))}", code);
        AssertCompiles("colours", [ConsumptionCode.Write("colours", task), code, EvaluationCode.Write("colours", task),
            UsageCode.Write("colours", task), ImplicitUsings]);
    }

    private static void AssertCompiles(string name, string[] code)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "generated",
            code.Select(text => CSharpSyntaxTree.ParseText(text, options)), s_references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        Diagnostic[] errors = [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];
        Assert.IsEmpty(errors, $"{CodeNames.ClassOf(name)}: {string.Join(Environment.NewLine, errors.Select(e => e.ToString()))}");
    }

    [TestMethod]
    [DataRow("colours", "Colours")]
    [DataRow("train", "TrainModel")]
    [DataRow("path", "PathModel")]
    [DataRow("2024 cats", "_2024_cats")]
    [DataRow("a.b", "A_b")]
    public void ClassOf_ChangesAsLittleAsItMust(string name, string expected) => Assert.AreEqual(expected, CodeNames.ClassOf(name));

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("a ")]
    [DataRow("..")]
    [DataRow("a/b")]
    [DataRow("two\nlines")]
    [DataRow("two\u2028lines")]
    public void NameThatNoFileOrCodeCanHave_IsRefused(string name) =>
        Assert.Contains("it has to be the name of a file", Assert.ThrowsExactly<ArgumentException>(() => ModelName.Check(name)).Message);

    [TestMethod]
    public void NameThatIsTooLongForItsFiles_IsRefused_BeforeTraining() =>
        Assert.Contains("has 300 bytes", Assert.ThrowsExactly<ArgumentException>(() => ModelName.Check(new string('x', 300))).Message);
}
