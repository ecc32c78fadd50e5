// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Browser;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>The tool's search for numbers, and for yes or no.</summary>
[TestClass]
public sealed class TaskTests
{
    private static readonly Lazy<string> s_numbers = new(() => Train("regression", "speed", (isRed, i) => $"{(isRed ? 30 : 10) + (i / 8.0)}"));
    private static readonly Lazy<string> s_answers = new(() => Train("binary-classification", "red", (isRed, _) => isRed ? "Yes" : "no"));

    [TestMethod]
    public void Regression_Measures_Predicts_Explains()
    {
        JsonElement metrics = Metrics(s_numbers.Value);
        Assert.AreEqual("test", metrics.GetProperty("data").GetString());
        Assert.AreEqual("regression", metrics.GetProperty("task").GetString());
        Assert.IsGreaterThan(0.95, metrics.GetProperty("rSquared").GetDouble());
        JsonElement best = metrics.GetProperty("trials").EnumerateArray().Single(t => t.GetProperty("isBest").GetBoolean());
        Assert.IsGreaterThan(0.9, best.GetProperty("rSquared").GetDouble());
        JsonElement[] clips = [.. metrics.GetProperty("clips").EnumerateArray()];
        double[] errors = [.. clips.Select(c => Math.Abs(c.GetProperty("label").GetDouble() - c.GetProperty("score").GetDouble()))];
        CollectionAssert.AreEqual(errors.OrderDescending().ToArray(), errors, "the one that is farthest off first");

        string zip = Path.Combine(s_numbers.Value, "speed.zip"), clip = TestClips.Animation("red", 1);
        string[] predicted = Tool.Run("predict", zip, clip, TestClips.Animation("blue", 1)).Output.Trim().Split('\n');
        Assert.AreEqual("path,score", predicted[0].Trim());
        Assert.AreEqual(30.1, double.Parse(predicted[1].Split(',')[1], System.Globalization.CultureInfo.InvariantCulture), 3);
        Assert.AreEqual(10.1, double.Parse(predicted[2].Split(',')[1], System.Globalization.CultureInfo.InvariantCulture), 3);
        using JsonDocument line = JsonDocument.Parse(Tool.Run("predict", zip, clip, "--json").Output);
        Assert.AreEqual(30.1, line.RootElement.GetProperty("score").GetDouble(), 3);
        Assert.Contains("A model of numbers", Tool.Run("inspect", zip).Output);
        string png = Path.Combine(s_numbers.Value, "rests.png");
        Assert.EndsWith("Score", Tool.Run("explain", zip, clip, "--output", png).Output.Trim());
        Assert.IsTrue(File.Exists(png));
        Assert.Contains("is of a model of numbers", Tool.Run("compare", s_numbers.Value, s_numbers.Value).Errors);
    }

    [TestMethod]
    public void Regression_Evaluate_LeavesOutWhatIsNoNumber_InPartsToo()
    {
        string list = Path.Combine(Tool.Folder, "few.csv"), zip = Path.Combine(s_numbers.Value, "speed.zip");
        File.WriteAllLines(list, ["path,label", $"{TestClips.Animation("red", 1)},30", $"{TestClips.Animation("blue", 2)},10",
            $"{TestClips.Animation("blue", 3)},fast"]);
        (int code, string output, string errors) = Tool.Run("evaluate", zip, "--dataset", list, "--json");
        Assert.AreEqual(3, code, errors);
        Assert.Contains("'fast' (1). It takes numbers", errors);
        using JsonDocument whole = JsonDocument.Parse(output);
        Assert.AreEqual(2, whole.RootElement.GetProperty("videos").GetInt32());
        string[] parts = [.. Enumerable.Range(1, 2).Select(i => Path.Combine(Tool.Folder, $"few{i}.part"))];
        for (int i = 0; i < parts.Length; i++)
            Tool.Run("evaluate", zip, "--dataset", list, "--json", "--shard", $"{i + 1}/2", "--output", parts[i]);
        using JsonDocument merged = JsonDocument.Parse(Tool.Run("merge", parts[0], parts[1]).Output);
        Assert.AreEqual(whole.RootElement.ToString(), merged.RootElement.ToString());
    }

    [TestMethod]
    public void BinaryClassification_Measures_Predicts_Explains()
    {
        JsonElement metrics = Metrics(s_answers.Value);
        Assert.AreEqual("binary-classification", metrics.GetProperty("task").GetString());
        foreach (string one in (string[])["accuracy", "areaUnderRocCurve", "areaUnderPrecisionRecallCurve", "f1Score"])
            Assert.AreEqual(1, metrics.GetProperty(one).GetDouble(), 1e-6, one);
        string?[] labels = [.. metrics.GetProperty("clips").EnumerateArray().Select(c => c.GetProperty("label").GetString())];
        Assert.AreEqual(TestClips.ClipsPerClass, labels.Count(l => l == "True"));
        Assert.AreEqual(TestClips.ClipsPerClass, labels.Count(l => l == "False"));

        string zip = Path.Combine(s_answers.Value, "red.zip"), clip = TestClips.Animation("red", 1);
        string[] predicted = Tool.Run("predict", zip, clip, TestClips.Animation("blue", 1)).Output.Trim().Split('\n');
        Assert.Contains(",True,", predicted[1]);
        Assert.Contains(",False,", predicted[2]);
        string png = Path.Combine(s_answers.Value, "rests.png");
        Assert.EndsWith("True", Tool.Run("explain", zip, clip, "--output", png).Output.Split('\n')[0].Trim());
        Assert.IsTrue(File.Exists(png));
        Assert.Contains("2 classes: False, True", Tool.Run("inspect", zip).Output);
        (int code, string output, string errors) = Tool.Run("evaluate", zip, "--dataset", Path.Combine(s_answers.Value, "red.csv"));
        Assert.AreEqual(0, code, errors);
        Assert.Contains("area under the ROC curve 1.000, F1 of True 1.000", output);
    }

    [TestMethod]
    [DataRow("speed")]
    [DataRow("red")]
    public void GeneratedCode_Predicts_AndMeasures(string name)
    {
        string folder = name == "speed" ? s_numbers.Value : s_answers.Value;
        Type type = Compiled(folder, name);
        type.GetProperty("MLNetModelPath")!.SetValue(null, Path.Combine(folder, $"{name}.zip"));
        object input = Activator.CreateInstance(type.GetNestedType("ModelInput")!)!;
        input.GetType().GetProperty("VideoPath")!.SetValue(input, TestClips.Animation("red", 1));
        object answer = type.GetMethod("Predict")!.Invoke(null, [input])!;
        object metrics = type.GetMethod("Evaluate", [typeof(string), typeof(string)])!
            .Invoke(null, [Path.Combine(folder, $"{name}.zip"), Path.Combine(folder, $"{name}.csv")])!;
        if (name == "speed")
        {
            Assert.AreEqual(30.1f, (float)answer.GetType().GetProperty("Score")!.GetValue(answer)!, 3);
            Assert.IsGreaterThan(0.95, ((RegressionMetrics)metrics).RSquared);
        }
        else
        {
            Assert.IsTrue((bool)answer.GetType().GetProperty("PredictedLabel")!.GetValue(answer)!);
            Assert.AreEqual(1, ((CalibratedBinaryClassificationMetrics)metrics).Accuracy, 1e-9);
        }
    }

    [TestMethod]
    public async Task Report_OfNumbers_ShowsThem_WithoutComplaints()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync(360);
        await page.GotoAsync(new Uri(Path.Combine(s_numbers.Value, "report.html")).AbsoluteUri);
        foreach (string id in (string[])["result", "scatter", "mistakes", "trials", "data", "code", "settings"])
            Assert.AreEqual(1, await page.Locator($"section#{id}").CountAsync(), id);
        foreach (string id in (string[])["confusion", "classes", "calibration", "curves"])
            Assert.AreEqual(0, await page.Locator($"section#{id}").CountAsync(), id);
        Assert.AreEqual(2 * TestClips.ClipsPerClass, await page.Locator("#mistakes .strip:not(.none)").CountAsync());
        Assert.AreEqual(2 * TestClips.ClipsPerClass, await page.Locator("#scatter details tbody tr").CountAsync());
        Assert.Contains("R squared", await page.Locator("#trials table").TextContentAsync() ?? "");
        Assert.AreEqual(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), "no sideways scrolling");
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public async Task Report_OfYesOrNo_HasTheCurvesArea_WithoutComplaints()
    {
        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(new Uri(Path.Combine(s_answers.Value, "report.html")).AbsoluteUri);
        Assert.Contains("area under the ROC curve", await page.Locator("#result").TextContentAsync() ?? "");
        Assert.AreEqual(1, await page.Locator("section#confusion").CountAsync());
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    /// <summary>A setting of a single run trains one transformer, of whatever is learned.</summary>
    [TestMethod]
    [DataRow("regression", "RSquared")]
    [DataRow("binary-classification", "Accuracy")]
    public async Task SingleRun_TrainsATransformerOfTheTask(string task, string metric)
    {
        bool isOfNumbers = task == "regression";
        string name = $"one-{task}", folder = Directory.CreateDirectory(Path.Combine(Tool.Folder, name)).FullName;
        string list = List(folder, name, (isRed, i) => isOfNumbers ? $"{(isRed ? 30 : 10) + i}.5" : isRed ? "yes" : "no");
        (int code, string output, string errors) = Tool.Run(
            "train", "--dataset", list, "--task", task, "--epochs", "2", "--batch-size", "4", "--validation-share", "0.3", "--name", name,
            "--output", folder, "--pretrained-model", "none", "--seed", "1", "--no-near-duplicates");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("On the validation videos:", output);
        JsonElement metrics = Metrics(folder);
        Assert.AreEqual(2, metrics.GetProperty("epochs").GetArrayLength());
        ITransformer model = new MLContext().Model.Load(Path.Combine(folder, $"{name}.zip"), out DataViewSchema schema);
        Assert.AreEqual(NumberDataViewType.Single, model.GetOutputSchema(schema)["Score"].Type);
        Assert.AreEqual(!isOfNumbers, model.GetOutputSchema(schema).GetColumnOrNull("Probability") is not null);
        (model as IDisposable)?.Dispose();

        // What it wrote trains the same again, and measures it.
        Type generated = Compiled(folder, name);
        var ml = new MLContext(seed: 1);
        var data = (IDataView)generated.GetMethod("LoadTrainingVideos")!.Invoke(null, [ml, list])!;
        var pipeline = (IEstimator<ITransformer>)generated.GetMethod("BuildPipeline")!.Invoke(null, [ml])!;
        Assert.AreEqual(!isOfNumbers, pipeline.GetOutputSchema(SchemaShape.Create(data.Schema)).TryFindColumn("Probability", out _));
        Assert.Contains(metric, File.ReadAllText(Path.Combine(folder, $"{name}.evaluate.cs")));

        await using HeadlessChromium chromium = await HeadlessChromium.StartAsync();
        IPage page = await chromium.NewPageAsync();
        await page.GotoAsync(new Uri(Path.Combine(folder, "report.html")).AbsoluteUri);
        Assert.AreEqual(isOfNumbers ? 1 : 2, await page.Locator("section#curves .chart").CountAsync());
        Assert.IsEmpty(chromium.Complaints, string.Join(Environment.NewLine, chromium.Complaints));
    }

    [TestMethod]
    public void WrongTask_IsRefusedAtOnce()
    {
        Assert.Contains("it has to be one of classification", Tool.Run("train", "--dataset", "x", "--task", "numbers").Errors);
        (int code, _, string errors) = Tool.Run("train", "--dataset", TestClips.Animations, "--task", "binary-classification");
        Assert.AreEqual(1, code);
        Assert.Contains("is 'blue', and --task binary-classification takes true or false", errors);
    }

    /// <summary>A few seconds are enough for pixels and motion of 12 clips, which come first.</summary>
    private static string Train(string task, string name, Func<bool, int, string> label)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Tool.Folder, $"task-{name}")).FullName, list = List(folder, name, label);
        (int code, string output, string errors) = Tool.Run(
            "train", "--dataset", list, "--task", task, "--test-dataset", list, "--group-column", "person", "--train-time", "4", "--name", name,
            "--output", folder, "--pretrained-model", "none", "--seed", "1", "--no-near-duplicates");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("* is taken", output);
        Assert.Contains($"\"Task\": \"{task.Replace("-", "", StringComparison.Ordinal)}\"",
            File.ReadAllText(Path.Combine(folder, $"{name}.mbconfig")), StringComparison.OrdinalIgnoreCase);
        return folder;
    }

    private static string List(string folder, string name, Func<bool, int, string> label)
    {
        string list = Path.Combine(folder, $"{name}.csv");
        File.WriteAllLines(list, ["path,label,person", .. ((string[])["blue", "red"]).SelectMany(colour => Enumerable
            .Range(1, TestClips.ClipsPerClass)
            .Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{TestClips.Animation(colour, i)},{label(colour == "red", i)},{i % 3}")))]);
        return list;
    }

    private static JsonElement Metrics(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "metrics.json"))).RootElement;

    /// <summary>The class that the three files of C# make.</summary>
    private static Type Compiled(string folder, string name)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"generated-{name}",
            ((string[])["consumption", "training", "evaluate"]).Select(
                part => CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(folder, $"{name}.{part}.cs")), options)),
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(File.Exists)
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        Assert.IsTrue(compilation.Emit(stream).Success, string.Join('\n', compilation.GetDiagnostics()));
        return Assembly.Load(stream.ToArray()).GetTypes().Single(t => t.FullName == $"VideoModels.{char.ToUpperInvariant(name[0])}{name[1..].Replace('-', '_')}");
    }
}
