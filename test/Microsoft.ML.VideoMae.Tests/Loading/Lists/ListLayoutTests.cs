// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading.Lists;

/// <summary>Lists as they exist: what they are taken for, what is said of it, and what is refused.</summary>
[TestClass]
public sealed class ListLayoutTests
{
    private readonly DataSetFolder _folder = new DataSetFolder().With(
        "red/1.mp4", "blue/2.mp4", "my clips/a, b.mp4", "frames/x/0.jpg", "frames/y/0.jpg");

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    [DataRow(
        "red/1.mp4 0\nblue/2.mp4 1", "spaces between fields, no header, paths in column 1, labels in column 2",
        DisplayName = "path label")]
    [DataRow(
        "red/1.mp4 30 0\nblue/2.mp4  250\t1", "no header, paths in column 1, labels in column 3; other columns are called Column2",
        DisplayName = "path frames label")]
    [DataRow(
        "frames/x 30 0\nframes/y 250 1", "spaces between fields, no header, paths in column 1, labels in column 3",
        DisplayName = "folders of frames")]
    [DataRow("red/1.mp4;0\r\nblue/2.mp4;1\r\n", "semicolons between fields, no header", DisplayName = "semicolons")]
    [DataRow("path;label\nred/1.mp4;0\nblue/2.mp4;1", "semicolons between fields, a header", DisplayName = "semicolons and a header")]
    [DataRow(
        "sep=;\npath;label\nred/1.mp4;0\nblue/2.mp4;1", "semicolons between fields, a header",
        DisplayName = "as a spreadsheet says it")]
    [DataRow(
        "Label\tVideoPath\n0\tred/1.mp4\n1\tblue/2.mp4", "tabs between fields, a header, paths in column 2, labels in column 1",
        DisplayName = "tabs, the package's names")]
    [DataRow(
        "0|red/1.mp4\n1|blue/2.mp4", "'|' between fields, no header, paths in column 2, labels in column 1",
        DisplayName = "label first")]
    [DataRow(
        "# made by hand\n\nred/1.mp4,0\n  # and more\nblue/2.mp4,1\n",
        "commas between fields, no header, paths in column 1, labels in column 2; 2 lines that begin with # are comments",
        DisplayName = "comments")]
    [DataRow("nowhere/a.mp4 0\nnowhere/b.mp4 1", "spaces between fields, no header", DisplayName = "files that are elsewhere")]
    public void List_IsRead_AndTheLayoutIsSaid(string text, string layout)
    {
        IDataView data = Load(text);
        CollectionAssert.AreEqual(new[] { "0", "1" }, data.GetColumn<string>("Label").ToArray());
        Assert.Contains(layout, _folder.Notes.Single(n => n.Contains("is read as utf-8 with")));
        Assert.IsTrue(data.GetColumn<string>("VideoPath").All(Path.IsPathFullyQualified));
    }

    [TestMethod]
    public void UsualList_SaysNothing()
    {
        Load("path,label\nred/1.mp4,0");
        Assert.DoesNotContain("is read as", string.Join("\n", _folder.Notes));
    }

    [TestMethod]
    [DataRow("my clips/a, b.mp4 0\nred/1.mp4 1")]
    [DataRow("\"my clips/a, b.mp4\" 0\nred/1.mp4 1")]
    [DataRow("my clips/a, b.mp4 30 0\nred/1.mp4 30 1")]
    [DataRow("path label\nmy clips/a, b.mp4 0\nred/1.mp4 1")]
    [DataRow("my clips/a, b.mp4;0\nred/1.mp4;1")]
    public void PathWithSpaces_StaysWhole(string text)
    {
        IDataView data = Load(text);
        CollectionAssert.AreEqual(
            new[] { _folder["my clips/a, b.mp4"], _folder["red/1.mp4"] }, data.GetColumn<string>("VideoPath").ToArray());
        CollectionAssert.AreEqual(new[] { "0", "1" }, data.GetColumn<string>("Label").ToArray());
        Assert.IsEmpty(_folder.Warnings, "all of them exist");
    }

    [TestMethod]
    [DataRow(
        "red/1.mp4 brush hair\nblue/2.mp4 wave", "spaces in a list with spaces between fields stand in quotes", "--separator",
        DisplayName = "label with a space")]
    [DataRow("red/1.mp4 0 1 2\nblue/2.mp4 1 1 2", "not clear how it is laid out", "--label-column", DisplayName = "several numbers")]
    [DataRow("v_Red_1 0\nv_Blue_2 1", "no column of it has paths of videos", "--path-column", DisplayName = "names that are no paths")]
    [DataRow(
        "red/1.mp4\nblue/2.mp4", "its lines have one field, and labels are wanted", "Its first line is: red/1.mp4",
        DisplayName = "no labels")]
    [DataRow("a/b 1,2\nc/d 3,4", "it can be read in 2 ways (commas between fields", "--separator", DisplayName = "two ways")]
    [DataRow("file,class\nred/1.mp4,0", "its header has file, class", "--path-column", DisplayName = "other names")]
    public void UnclearList_IsRefused_WithAdviceForTheToolToo(string text, string why, string advice)
    {
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Load(text)).Message;
        Assert.Contains(why, message);
        Assert.Contains(advice, message);
    }

    [TestMethod]
    public void Advice_CanBeFollowed()
    {
        IDataView named = _folder.ML.Data.LoadVideosFromCsv(Write("file,class\nred/1.mp4,0"), "file", "class");
        Assert.AreEqual("0", named.GetColumn<string>("Label").Single());
        IDataView numbered = _folder.ML.Data.LoadVideosFromCsv(Write("red/1.mp4 0 1 2\nblue/2.mp4 1 1 2"), "1", "2", separator: ' ');
        CollectionAssert.AreEqual(new[] { "0", "1" }, numbered.GetColumn<string>("Label").ToArray());
        IDataView names = _folder.ML.Data.LoadVideosFromCsv(Write("v_Red_1 0\nv_Blue_2 1"), "1", "2", separator: ' ', hasHeader: false);
        CollectionAssert.AreEqual(new[] { _folder["v_Red_1"], _folder["v_Blue_2"] }, names.GetColumn<string>("VideoPath").ToArray());
        Assert.Contains(
            "no header with 'video'", Assert
                .ThrowsExactly<InvalidOperationException>(() =>
                    _folder.ML.Data.LoadVideosFromCsv(Write("red/1.mp4,0\nblue/2.mp4,1"), "video", hasHeader: false))
                .Message,
            "a name that is not there is not passed over");
        Assert.Contains(
            "has no column 'video'", Assert
                .ThrowsExactly<InvalidOperationException>(() =>
                    _folder.ML.Data.LoadVideosFromCsv(Write("red/1.mp4,0\nblue/2.mp4,1"), "video"))
                .Message);
        IDataView labelNamed = _folder.ML.Data.LoadVideosFromCsv(Write("file;class\nred/1.mp4;0"), "1", "class");
        Assert.AreEqual("0", labelNamed.GetColumn<string>("Label").Single());
        IDataView unlabelled = _folder.ML.Data.LoadVideosFromCsv(Write("red/1.mp4\nblue/2.mp4"), labelColumnName: null);
        Assert.AreEqual(2, unlabelled.GetColumn<string>("VideoPath").Count());
        IDataView header = _folder.ML.Data.LoadVideosFromCsv(Write("was,ist\nred/1.mp4,0"), "1", "2", hasHeader: true);
        Assert.AreEqual(1, header.GetColumn<string>("VideoPath").Count());
        IDataView comma = _folder.ML.Data.LoadVideosFromCsv(Write("a/b 1,2\nc/d 3,4"), separator: ',');
        CollectionAssert.AreEqual(new[] { "2", "4" }, comma.GetColumn<string>("Label").ToArray());
    }

    /// <summary>The header would be read as a video where its name is that of a folder.</summary>
    [TestMethod]
    public void HeaderThatIsAFolderToo_IsNoVideo() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => Load("red,class\nred/1.mp4,0\nblue/2.mp4,1"));

    public static IEnumerable<object[]> Encodings =>
    [
        [CodePagesEncodingProvider.Instance.GetEncoding(1252)!, "windows-1252"],
        [new UTF8Encoding(true), ""],
        [new UTF8Encoding(false), ""],
        [new UnicodeEncoding(false, true), "utf-16"],
        [new UnicodeEncoding(true, true), "utf-16BE"],
        [new UnicodeEncoding(false, false), "utf-16"],
    ];

    [TestMethod]
    [DynamicData(nameof(Encodings))]
    public void Encoding_IsFoundOut(Encoding encoding, string said)
    {
        _folder.With("grün/1.mp4");
        string list = _folder["list.csv"];
        File.WriteAllText(list, "path,label\ngrün/1.mp4,grün\nred/1.mp4,rot\n", encoding);
        IDataView data = _folder.ML.Data.LoadVideosFromCsv(list);
        Assert.AreEqual("grün", data.GetColumn<string>("Label").First());
        Assert.IsEmpty(_folder.Warnings, "the file is found");
        Assert.AreEqual(said.Length > 0, _folder.Notes.Any(n => n.Contains($"is read as {said}") && said.Length > 0));
    }

    [TestMethod]
    public void EncodingThatCannotBeFoundOut_IsRefused_AndTaken()
    {
        Encoding japanese = CodePagesEncodingProvider.Instance.GetEncoding("shift_jis")!;
        string list = _folder["list.csv"];
        File.WriteAllText(list, "path,label\nred/1.mp4,赤\nblue/2.mp4,青\n", japanese);
        Assert.Contains(
            "neither UTF-8 nor Windows-1252",
            Assert.ThrowsExactly<InvalidOperationException>(() => _folder.ML.Data.LoadVideosFromCsv(list)).Message);
        Assert.AreEqual("赤", _folder.ML.Data.LoadVideosFromCsv(list, encoding: japanese).GetColumn<string>("Label").First());
        Assert.Contains(
            "is not utf-8 throughout",
            Assert.ThrowsExactly<InvalidOperationException>(() => _folder.ML.Data.LoadVideosFromCsv(list, encoding: Encoding.UTF8)).Message
        );
    }

    [TestMethod]
    public void MissingFileWithOtherLetters_IsWarnedOf_WithWhatItMayBe()
    {
        Load("path,label\nred/1.mp4,0\nred/café.mp4,1");
        Assert.Contains("Names of files that are not UTF-8 cannot be opened", _folder.Warning);
    }

    [TestMethod]
    public void Video_IsNoList() =>
        Assert.Contains(
            "is a video, not a list",
            Assert.ThrowsExactly<InvalidOperationException>(() => _folder.ML.Data.LoadVideosFromCsv(_folder["red/1.mp4"])).Message);

    private IDataView Load(string text) => _folder.ML.Data.LoadVideosFromCsv(Write(text));

    private string Write(string text)
    {
        File.WriteAllText(_folder["list.csv"], text);
        return _folder["list.csv"];
    }
}
