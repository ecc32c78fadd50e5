// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>The tool as it is built without a native libtorch.</summary>
[TestClass]
public sealed class NativeLibraryTests
{
    private static readonly string s_folder = TestClips.NewFolder();

    [ClassInitialize]
    public static void CopyTheTool(TestContext context)
    {
        string source = Path.GetDirectoryName(Tool.Program)!;
        char separator = Path.DirectorySeparatorChar;
        foreach (string file in Directory
                .EnumerateFiles(source, "*", SearchOption.AllDirectories)
                .Where(f => !f.Contains($"{separator}native{separator}", StringComparison.Ordinal)))
        {
            string copy = Path.Combine(s_folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public void MissingLibtorch_IsOneLineThatSaysWhatToDo()
    {
        string checkpoint = Path.Combine(AppContext.BaseDirectory, "Reference/tiny/classification");
        string[][] verbs =
        [
            ["train", "--dataset", TestClips.Folder],
            ["inspect", checkpoint],
            ["convert", checkpoint, "--output", "x.zip"]];
        foreach (string[] arguments in verbs)
        {
            (int code, string output, string errors) = Tool.RunAt(Path.Combine(s_folder, "videomae.dll"), null, null, arguments);
            Assert.AreEqual(1, code, errors);
            Assert.AreEqual("", output, arguments[0]);
            Assert.HasCount(1, errors.Trim().Split('\n'), errors);
            Assert.Contains("libtorch", errors);
            Assert.Contains("Install the tool anew", errors);
            Assert.DoesNotContain("   at ", errors, "no stack trace");
        }

        Assert.AreEqual(
            0, Tool.RunAt(Path.Combine(s_folder, "videomae.dll"), null, null, "train", "--help").Code, "help needs no libtorch");
    }
}
