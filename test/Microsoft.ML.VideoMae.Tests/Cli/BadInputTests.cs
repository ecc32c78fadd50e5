// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>Every verb answers bad input with one line, an exit code, and no stack trace.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static readonly string s_empty = Directory.CreateDirectory(Path.Combine(Tool.Folder, "empty")).FullName;
    private static readonly string s_broken = Broken("broken.zip", "PK, and then nothing");
    private static readonly string s_brokenCheckpoint = Broken("broken.safetensors", "no header");
    private static readonly string s_text = Broken("text.mbconfig", "{ no json");
    private static readonly string s_other = Broken("other.mbconfig", "{ \"Scenario\": \"ImageClassification\", \"Type\": " +
        "\"TrainingConfig\", \"Version\": 1 }");

    [TestMethod]
    [DataRow("There is no data set", "train", "--dataset", "nowhere")]
    [DataRow("none of them holds a video", "train", "--dataset", "EMPTY")]
    [DataRow("There is no data set", "validate", "--dataset", "nowhere")]
    [DataRow("There is no data set", "benchmark", "--dataset", "nowhere", "--batch-size", "1")]
    [DataRow("There is no folder", "pretrain", "--dataset", "nowhere")]
    [DataRow("holds no videos", "pretrain", "--dataset", "EMPTY")]
    [DataRow("There is no model", "predict", "nowhere.zip", "CLIP")]
    [DataRow("not an ML.NET model", "evaluate", "BROKEN", "--dataset", "CLIPS")]
    [DataRow("holds no pre-trained model", "reconstruct", "MODEL", "CLIP", "--output", "x.png")]
    [DataRow("BROKENCHECKPOINT", "features", "BROKENCHECKPOINT", "CLIP", "--output", "x.csv")]
    [DataRow("does not exist", "inspect", "nowhere")]
    [DataRow("BROKENCHECKPOINT", "convert", "BROKENCHECKPOINT", "--output", "x")]
    [DataRow("There is no file", "verify", "BROKENCHECKPOINT", "--reference", "nowhere.safetensors")]
    [DataRow("holds no videos", "predict", "MODEL", "EMPTY")]
    [DataRow("nowhere.mp4", "explain", "MODEL", "nowhere.mp4", "--output", "x.png")]
    [DataRow("--device is 'gpu'", "train", "--dataset", ".", "--device", "gpu")]
    [DataRow("not a .mbconfig file", "train", "TEXT")]
    [DataRow("Unrecognized command", "unknown")]
    public void EveryVerb_AnswersBadInputWithOneLineAndAnExitCode(string message, params string[] arguments) =>
        CheckAnswer(message, arguments);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("There is no data set", "train")]
    [DataRow("There is no data set", "train", "--dataset", "CLIPS", "--validation-dataset", "nowhere")]
    [DataRow("There is no data set", "evaluate", "MODEL", "--dataset", "nowhere")]
    [DataRow("none of them holds a video", "evaluate", "MODEL", "--dataset", "EMPTY")]
    [DataRow("none of them holds a video", "validate", "--dataset", "EMPTY")]
    [DataRow("not an ML.NET model", "predict", "BROKEN", "CLIP")]
    [DataRow("There is no model", "evaluate", "nowhere.zip", "--dataset", "CLIPS")]
    [DataRow("There is no model", "explain", "nowhere.zip", "CLIP", "--output", "x.png")]
    [DataRow("not an ML.NET model", "explain", "BROKEN", "CLIP", "--output", "x.png")]
    [DataRow("There is no model", "reconstruct", "nowhere.zip", "CLIP", "--output", "x.png")]
    [DataRow("neither an existing file", "features", "nowhere", "CLIP", "--output", "x.csv")]
    [DataRow("There is no model", "inspect", "nowhere.zip")]
    [DataRow("BROKENCHECKPOINT", "inspect", "BROKENCHECKPOINT")]
    [DataRow("does not exist; give a folder", "convert", "nowhere", "--output", "x.zip")]
    [DataRow("does not exist; give a folder", "predict", "nowhere", "CLIP")]
    [DataRow("both ML.NET models", "convert", "MODEL", "--output", "x.zip")]
    [DataRow("'nowhere' does not exist", "train", "--dataset", "CLIPS", "--pretrained-model", "nowhere")]
    [DataRow("neither an existing file", "train", "--dataset", "CLIPS", "--pretrained-model", "nowhere", "--epochs", "1")]
    [DataRow("neither an existing file", "pretrain", "--dataset", "CLIPS", "--pretrained-model", "nowhere")]
    [DataRow("There is no video", "predict", "MODEL", "nowhere.mp4")]
    [DataRow("nothing to predict", "predict", "MODEL")]
    [DataRow("no folder", "predict", "MODEL", "--watch", "nowhere")]
    [DataRow("There is no video", "features", "BROKENCHECKPOINT", "nowhere.mp4", "--output", "x.csv")]
    [DataRow("--validation-share is 1.5", "train", "--dataset", "CLIPS", "--validation-share", "1.5")]
    [DataRow("--name is 'a/b'", "train", "--dataset", "CLIPS", "--name", "a/b")]
    [DataRow("--group-column", "train", "--dataset", "CLIPS", "--group-column", "person")]
    [DataRow(".csv, .parquet or .npy", "features", "MODEL", "CLIP", "--output", "x.txt")]
    [DataRow("--tolerance is -1", "verify", "MODEL", "--reference", "x", "--tolerance", "-1")]
    [DataRow("There is no 'nowhere.mbconfig'", "train", "nowhere.mbconfig")]
    [DataRow("scenario 'ImageClassification'", "train", "OTHER")]
    public void BadInput_IsOneLineAndAnExitCode(string message, params string[] arguments) => CheckAnswer(message, arguments);

    private static void CheckAnswer(string message, string[] arguments)
    {
        (int code, _, string errors) = Tool.Run([.. arguments.Select(Real)]);
        Assert.AreNotEqual(0, code);
        Assert.Contains(message == "BROKENCHECKPOINT" ? s_brokenCheckpoint : message, errors);
        AssertOneLine(arguments[0], errors);
    }

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("train", "--dataset", "CLIPS", "--output", "EMPTY")]
    [DataRow("pretrain", "--dataset", "CLIPS", "--output", "EMPTY")]
    [DataRow("evaluate", "MODEL", "--dataset", "CLIPS")]
    [DataRow("predict", "MODEL", "CLIP")]
    [DataRow("features", "MODEL", "CLIP", "--output", "x.csv")]
    [DataRow("explain", "MODEL", "CLIP", "--output", "x.png")]
    [DataRow("validate", "--dataset", "CLIPS")]
    public void MissingFFmpeg_IsOneLineThatSaysWhatToInstall(params string[] arguments)
    {
        string[] real = [.. arguments.Select(Real)];
        (int code, _, string errors) = Tool.RunWith(null, new Dictionary<string, string> { ["PATH"] = s_empty }, real);
        Assert.AreEqual(1, code, errors);
        Assert.Contains("ffmpeg", errors);
        AssertOneLine(arguments[0], errors);
    }

    [TestMethod]
    public void Diag_ShowsTheWholeException() =>
        Assert.Contains("   at ", Tool.Run("evaluate", "nowhere.zip", "--dataset", "x", "--verbosity", "diag").Errors);

    private static string Real(string argument) => argument switch
    {
        "EMPTY" => s_empty,
        "CLIPS" => TestClips.Folder,
        "CLIP" => TestClips.Clip("blue", 1),
        "MODEL" => Tool.Classifier,
        "BROKEN" => s_broken,
        "BROKENCHECKPOINT" => s_brokenCheckpoint,
        "TEXT" => s_text,
        "OTHER" => s_other,
        _ => argument,
    };

    private static string Broken(string name, string content)
    {
        string path = Path.Combine(Tool.Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static void AssertOneLine(string verb, string errors)
    {
        Assert.DoesNotContain("   at ", errors, "no stack trace");
        Assert.DoesNotContain("Exception", errors);
        // What a run chooses before it fails is a line each.
        if (verb is not ("train" or "pretrain" or "unknown"))
            Assert.HasCount(1, errors.Trim().Split('\n'), errors);
    }
}
